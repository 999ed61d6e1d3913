#include "fhir/server/load_plan.hpp"

#include <algorithm>
#include <filesystem>

namespace server {
namespace {

namespace fs = std::filesystem;

bool is_loadable(const fs::path& path) {
    return path.extension() == ".json" || path.extension() == ".ndjson";
}

std::string name_of(const LoadFile& file) {
    return fs::path(file.path).filename().string();
}

LoadFile described(const fs::path& path) {
    std::error_code ec;
    const auto size = fs::file_size(path, ec);
    return {path.string(), ec ? 0 : size, path.extension() == ".ndjson"};
}

base::Status add_directory(const fs::path& directory, std::vector<LoadFile>& files) {
    std::error_code ec;
    const auto before = files.size();
    for (fs::recursive_directory_iterator at(directory, ec), end; !ec && at != end; at.increment(ec)) {
        if (at->is_regular_file(ec) && is_loadable(at->path())) files.push_back(described(at->path()));
    }
    if (ec) return base::fail(base::Kind::not_found, "cannot read the directory " + directory.string() + ": " + ec.message());
    if (files.size() == before) return base::fail(base::Kind::not_found, "there is no .json or .ndjson file in " + directory.string());
    return {};
}

}  // namespace

bool goes_first(std::string_view file_name) {
    for (const std::string_view start : {"0-", "hospitalInformation", "practitionerInformation"}) {
        if (file_name.substr(0, start.size()) == start) return true;
    }
    return false;
}

base::Result<LoadPlan> plan_load(const std::vector<std::string>& inputs) {
    std::vector<LoadFile> files;
    for (const auto& input : inputs) {
        std::error_code ec;
        const fs::path path(input);
        if (input == "-") {
            files.push_back({"-", 0, true});
        } else if (fs::is_directory(path, ec)) {
            if (auto added = add_directory(path, files); !added) return base::pass(added);
        } else if (!fs::exists(path, ec)) {
            return base::fail(base::Kind::not_found, "there is no file or directory " + input);
        } else if (!is_loadable(path)) {
            return base::fail(base::Kind::invalid, "load takes .json and .ndjson files, not " + input);
        } else {
            files.push_back(described(path));
        }
    }
    std::sort(files.begin(), files.end(), [](const LoadFile& a, const LoadFile& b) {
        const auto left = name_of(a);
        const auto right = name_of(b);
        return left != right ? left < right : a.path < b.path;
    });
    // A file named twice, or once by itself and once by its directory, is sent once.
    files.erase(std::unique(files.begin(), files.end(), [](const LoadFile& a, const LoadFile& b) { return a.path == b.path; }),
                files.end());
    LoadPlan plan;
    for (auto& file : files) {
        plan.bytes += file.size;
        (goes_first(name_of(file)) ? plan.first : plan.rest).push_back(std::move(file));
    }
    return plan;
}

}  // namespace server
