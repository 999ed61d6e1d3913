// Directories that vanish with the test, whole files as text, and the search for what must not be on disk.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace support {

// A fresh empty directory (mode 0700) under TMPDIR; removed with all that is in it when this object dies.
class TempDir {
  public:
    TempDir();
    ~TempDir();
    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;

    const std::filesystem::path& path() const { return path_; }
    std::string string() const { return path_.string(); }
    std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

  private:
    std::filesystem::path path_;
};

// Both stop the test program when the file cannot be read or written: a test without its input proves nothing.
std::string read_file(const std::filesystem::path& path);
void write_file(const std::filesystem::path& path, std::string_view content);

// Every regular file below a directory, in the order of their names; `extension` with its dot, empty for all.
std::vector<std::filesystem::path> files_below(const std::filesystem::path& dir, std::string_view extension = {});

// Looks for bytes in the content and in the name of every file below a directory. `files` and `bytes` say how much was looked at:
// assert on them too, for nothing is found in an empty directory.
struct Scan {
    std::size_t files = 0;
    std::size_t bytes = 0;
    std::vector<std::string> hits;  // paths
};
Scan scan_for(const std::filesystem::path& dir, std::string_view needle);

}  // namespace support
