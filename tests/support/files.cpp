#include "tests/support/files.hpp"

#include "storage/base/error.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <system_error>

#include <stdlib.h>

namespace support {

namespace fs = std::filesystem;

TempDir::TempDir() {
    auto pattern = (fs::temp_directory_path() / "kedge-test-XXXXXX").string();
    CHECK(mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
}
TempDir::~TempDir() {
    std::error_code ignored;  // a destructor may not throw, and a directory left in /tmp harms no result
    fs::remove_all(path_, ignored);
}

std::string read_file(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    CHECK(in.is_open());
    std::string out((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    CHECK(!in.bad());
    return out;
}
void write_file(const fs::path& path, std::string_view content) {
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out.write(content.data(), static_cast<std::streamsize>(content.size()));
    out.close();
    CHECK(out.good());
}

std::vector<fs::path> files_below(const fs::path& dir, std::string_view extension) {
    std::vector<fs::path> out;
    for (const auto& entry : fs::recursive_directory_iterator(dir)) {
        if (entry.is_regular_file() && (extension.empty() || entry.path().extension() == extension)) out.push_back(entry.path());
    }
    std::sort(out.begin(), out.end());
    return out;
}

Scan scan_for(const fs::path& dir, std::string_view needle) {
    CHECK(!needle.empty());
    Scan scan;
    for (const auto& path : files_below(dir)) {
        const auto content = read_file(path);
        ++scan.files;
        scan.bytes += content.size();
        const bool in_name = path.lexically_relative(dir).string().find(needle) != std::string::npos;
        if (in_name || content.find(needle) != std::string::npos) scan.hits.push_back(path.string());
    }
    return scan;
}

}  // namespace support
