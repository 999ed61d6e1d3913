// Small files and directories, made durable: what is written survives a power cut once the call returns. Internal to storage/store.
#pragma once

#include "storage/base/bytes.hpp"

#include <string>
#include <utility>

namespace store::files {

// A Kind::fault that carries errno's own words.
tl::unexpected<base::Error> failed(const char* doing);

base::Status make_directory(const std::string& path);  // with its parents, mode 0700; no error when it is there
base::Status sync_directory(const std::string& path);
base::Status sync_directory_of(const std::string& file);
bool exists(const std::string& path);
// Which file stands under a name: another one after a rename over it, for as long as somebody has the first one open.
using Identity = std::pair<std::uint64_t, std::uint64_t>;  // device, inode
base::Result<Identity> identity(const std::string& path);

// Creates the file with mode 0600, writes and syncs it and its directory. Error: Kind::conflict when it exists.
base::Status write_new(const std::string& path, base::ByteView content);
// Errors: Kind::not_found, Kind::too_large past max_bytes.
base::Result<base::Bytes> read(const std::string& path, std::size_t max_bytes);
// Renames over `to`, syncs the directory, and then overwrites what stood under `to` before, as shred does.
base::Status replace_and_shred(const std::string& from, const std::string& to);
// Writes zeroes over the content before the name goes. No error when absent. On copy-on-write file systems and flash the old
// blocks can survive: what must really go is therefore wrapped by a key that goes.
base::Status shred(const std::string& path);

// An exclusive lock on a file for as long as it lives. The file stays: removing it would let two holders in.
class Lock {
  public:
    enum class Wait : bool { no, yes };
    // Error: Kind::conflict when another process (or another Lock in this one) holds it and Wait::no was said.
    static base::Result<Lock> take(const std::string& path, Wait wait);
    Lock(Lock&& other) noexcept;
    Lock& operator=(Lock&& other) noexcept;
    ~Lock();

  private:
    explicit Lock(int fd) : fd_(fd) {}
    int fd_;
};

// The lock of who works on the data directory: DIR/lock, held by the Store while it is open. Error: Kind::conflict, which names DIR.
base::Result<Lock> lock_directory(const std::string& dir);

}  // namespace store::files
