// Small files and directories, made durable: what is written survives a power cut once the call returns. Internal to storage/store.
#pragma once

#include "storage/base/bytes.hpp"

#include <string>

namespace store::files {

// A Kind::fault that carries errno's own words.
tl::unexpected<base::Error> failed(const char* doing);

base::Status make_directory(const std::string& path);  // with its parents, mode 0700; no error when it is there
base::Status sync_directory(const std::string& path);
base::Status sync_directory_of(const std::string& file);
bool exists(const std::string& path);

// Creates the file with mode 0600, writes and syncs it and its directory. Error: Kind::conflict when it exists.
base::Status write_new(const std::string& path, base::ByteView content);
// Errors: Kind::not_found, Kind::too_large past max_bytes.
base::Result<base::Bytes> read(const std::string& path, std::size_t max_bytes);
// Renames over `to` and syncs the directory.
base::Status replace(const std::string& from, const std::string& to);
// Writes zeroes over the content before the name goes. No error when absent. On copy-on-write file systems and flash the old
// blocks can survive: what must really go is therefore wrapped by a key that goes.
base::Status shred(const std::string& path);

// An exclusive lock on DIR/lock for as long as it lives. Error: Kind::conflict when another process (or object) holds it.
class DirectoryLock {
  public:
    static base::Result<DirectoryLock> take(const std::string& dir);
    DirectoryLock(DirectoryLock&& other) noexcept;
    DirectoryLock& operator=(DirectoryLock&& other) noexcept;
    ~DirectoryLock();

  private:
    explicit DirectoryLock(int fd) : fd_(fd) {}
    int fd_;
};

}  // namespace store::files
