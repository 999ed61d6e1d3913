// Plain files by offset, and the one seam through which the log's own bytes reach the disk, so that tests can make it fail.
#pragma once

#include "storage/base/bytes.hpp"

#include <cstdlib>
#include <memory>
#include <string>

namespace chain {

// What a file that is opened past the page cache is read and written in: its offsets, sizes and memory are multiples of this.
inline constexpr std::size_t kBlock = 4096;  // at least what any disk and filesystem here asks of O_DIRECT
constexpr std::uint64_t block_of(std::uint64_t at) {
    return at & ~std::uint64_t{kBlock - 1};
}
constexpr std::uint64_t blocks_up_to(std::uint64_t end) {
    return block_of(end + kBlock - 1);
}
struct FreeBlocks {
    void operator()(std::uint8_t* bytes) const { std::free(bytes); }
};
using Blocks = std::unique_ptr<std::uint8_t, FreeBlocks>;
Blocks allocate_blocks(std::size_t bytes);  // a multiple of kBlock

// Where groups and checkpoints are written. Tests inject one that fails.
class Disk {
  public:
    virtual ~Disk() = default;
    virtual base::Status write_at(int fd, base::ByteView bytes, std::uint64_t offset);  // all of it, or Kind::fault
    virtual base::Status sync(int fd);                                                  // fdatasync
};

// An open file; closed when it dies. Reads may come from several threads.
class File {
  public:
    // write: opens or creates. direct and read_direct: past the page cache (O_DIRECT), in kBlock.
    enum class Mode { read, write, create_new, direct, read_direct };
    // Errors: Kind::not_found (read, absent), Kind::conflict (create_new, there already), Kind::fault. Mode 0600.
    static base::Result<File> open(const std::string& path, Mode mode);
    File(File&& other) noexcept;
    File& operator=(File&& other) noexcept;
    ~File();

    int fd() const { return fd_; }
    base::Result<std::uint64_t> size() const;
    // As many bytes as there are from `offset`, at most out.size().
    base::Result<std::size_t> read_at(std::uint64_t offset, std::span<std::uint8_t> out) const;
    base::Status write_at(std::uint64_t offset, base::ByteView bytes);
    base::Status truncate(std::uint64_t bytes);  // and syncs
    base::Status sync();

  private:
    explicit File(int fd) : fd_(fd) {}
    int fd_;
};

tl::unexpected<base::Error> os_error(const std::string& doing);  // Kind::fault with errno's words
bool file_exists(const std::string& path);
base::Status make_dir(const std::string& path);  // with parents, mode 0700
base::Status sync_dir(const std::string& path);
base::Result<base::Bytes> read_whole(const std::string& path);

// A new file that is there whole or not at all: written under another name, synced, renamed. Error: Kind::conflict when it is there.
base::Status write_new(const std::string& dir, const std::string& path, base::ByteView content);

// An exclusive lock on DIR/lock while it lives. Error: Kind::conflict when it is held.
base::Result<File> lock_dir(const std::string& dir);

}  // namespace chain
