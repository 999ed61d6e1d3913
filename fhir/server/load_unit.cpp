#include "fhir/server/load_unit.hpp"

#include "storage/base/file.hpp"
#include "storage/base/json.hpp"

#include <istream>

namespace server {
namespace {

constexpr std::size_t kMaxUnitBytes = 1u << 30;
// Bundles of whole hospitals are larger than what a server should take; here it is our own file.
constexpr json::Limits kLimits{kMaxUnitBytes, 64, 100'000'000};

bool is_repeatable(const json::Value& entry) {
    const auto* request = entry.find("request");
    if (!request) return false;
    const auto method = request->text("method");
    return method == "PUT" || method == "DELETE" || method == "GET" || method == "HEAD" ||
           (method == "POST" && !request->text("ifNoneExist").empty());
}

LoadRequest bundle_request(const json::Value& bundle) {
    LoadRequest out{"POST", "", 0, bundle.text("type") == "batch", true};
    const auto* entries = bundle.find("entry");
    if (!entries || !entries->if_array()) return out;
    out.entries = entries->if_array()->size();
    for (const auto& entry : *entries->if_array()) out.repeatable = out.repeatable && is_repeatable(entry);
    return out;
}

// getline that stops at a limit instead of taking a whole file without line ends into memory.
enum class Line { read, end, too_long };
Line read_line(std::istream& in, std::string& out) {
    out.clear();
    auto* bytes = in.rdbuf();
    for (int c = bytes->sbumpc(); c != std::char_traits<char>::eof(); c = bytes->sbumpc()) {
        if (c == '\n') return Line::read;
        if (out.size() == kMaxUnitBytes) return Line::too_long;
        out.push_back(static_cast<char>(c));
    }
    return out.empty() ? Line::end : Line::read;
}

}  // namespace

base::Result<LoadRequest> request_of(std::string_view body) {
    const auto parsed = json::parse(body, kLimits);
    if (!parsed) return base::pass(parsed);
    const auto type = parsed->text("resourceType");
    if (type.empty()) return base::fail(base::Kind::invalid, "this is no FHIR resource: resourceType is missing");
    if (type == "Bundle" && (parsed->text("type") == "transaction" || parsed->text("type") == "batch")) return bundle_request(*parsed);
    const auto id = parsed->text("id");
    if (id.empty()) return LoadRequest{"POST", "/" + std::string(type), 1, false, false};
    return LoadRequest{"PUT", "/" + std::string(type) + "/" + std::string(id), 1, false, true};
}

LoadReader::LoadReader(std::vector<LoadFile> files, std::istream& standard_input)
    : files_(std::move(files)), standard_input_(standard_input) {}

base::Result<bool> LoadReader::next(LoadUnit& unit) {
    while (true) {
        if (lines_) {
            const auto read = next_line(unit);
            if (!read || *read) return read;
        }
        if (at_ == files_.size()) return false;
        const auto& file = files_[at_++];
        if (!file.ndjson) return whole_file(file, unit);
        line_ = 0;
        if (file.path == "-") {
            lines_ = &standard_input_;
            continue;
        }
        open_ = std::ifstream(file.path, std::ios::binary);
        if (!open_) return base::fail(base::Kind::not_found, "cannot read " + file.path);
        lines_ = &open_;
    }
}

base::Result<bool> LoadReader::next_line(LoadUnit& unit) {
    const auto& file = files_[at_ - 1];
    while (true) {
        const auto read = read_line(*lines_, unit.body);
        if (read != Line::read) lines_ = nullptr;
        if (read == Line::end) return false;
        ++line_;
        if (read == Line::too_long) {
            return base::fail(base::Kind::too_large,
                              file.path + " line " + std::to_string(line_) + " is longer than 1 GiB; the rest of the file is left out");
        }
        unit.bytes = unit.body.size() + 1;
        if (!unit.body.empty() && unit.body.back() == '\r') unit.body.pop_back();
        if (unit.body.find_first_not_of(" \t") == std::string::npos) continue;
        unit.file = file.path;
        unit.line = line_;
        return true;
    }
}

base::Result<bool> LoadReader::whole_file(const LoadFile& file, LoadUnit& unit) {
    auto body = base::read_file(file.path, kMaxUnitBytes);
    if (!body && body.error().kind == base::Kind::too_large)
        return base::fail(base::Kind::too_large, file.path + " is larger than 1 GiB; split it or make it NDJSON");
    if (!body) return base::pass(body);
    unit.body = std::move(*body);
    unit.file = file.path;
    unit.line = 0;
    unit.bytes = unit.body.size();
    return true;
}

}  // namespace server
