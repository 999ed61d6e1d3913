// The files that hold the frames: segment-00000000.log, segment-00000001.log ... The last one grows; the others are sealed: cut to
// their length, mode 0400, and listed with their SHA-256 in the manifest.
#pragma once

#include "anchoring/chain/file.hpp"
#include "anchoring/chain/frame.hpp"

#include <map>
#include <mutex>

namespace chain {

// One file. Its key comes from the log key, its number, its first entry and 32 random bytes in its header: frames of different
// segments are under different keys, and a changed header opens nothing.
class Segment {
  public:
    static constexpr std::uint32_t kHeaderBytes = 64;
    static std::string path_in(const std::string& dir, std::uint32_t number);
    // Writes and syncs the header and the directory. Error: Kind::conflict when the file is there.
    static base::Result<std::shared_ptr<Segment>> create(const std::string& dir, std::uint32_t number, std::uint64_t first_seq,
                                                         const crypto::Key& log_key);
    // Errors: Kind::not_found, Kind::corrupt when the header is none.
    static base::Result<std::shared_ptr<Segment>> open(const std::string& dir, std::uint32_t number, const crypto::Key& log_key,
                                                       File::Mode mode);

    std::uint32_t number() const { return number_; }
    std::uint64_t first_seq() const { return first_seq_; }
    base::ByteView salt() const { return salt_; }
    const crypto::Key& key() const { return key_; }
    File& file() { return file_; }
    const File& file() const { return file_; }

    struct Frame {
        FrameType type = FrameType::entry;
        base::Bytes body;        // opened
        std::uint32_t next = 0;  // offset behind it
    };
    // nullopt where nothing is written yet (zeroes, or the end of the file). Error: Kind::corrupt.
    base::Result<std::optional<Frame>> read(std::uint32_t offset) const;

  private:
    Segment(File file, std::uint32_t number, std::uint64_t first_seq, const std::array<std::uint8_t, 32>& salt, const crypto::Key& log_key);
    File file_;
    std::uint32_t number_;
    std::uint64_t first_seq_;
    std::array<std::uint8_t, 32> salt_;
    crypto::Key key_;
};

// All of them, opened when wanted. Thread-safe.
class Segments {
  public:
    Segments(std::string dir, crypto::Key log_key) : dir_(std::move(dir)), log_key_(std::move(log_key)) {}
    // How many there are on disk: numbers 0 to count-1. Error: Kind::corrupt when one in between is missing.
    static base::Result<std::uint32_t> count_in(const std::string& dir);
    base::Result<std::shared_ptr<Segment>> get(std::uint32_t number);
    base::Result<std::shared_ptr<Segment>> create(std::uint32_t number, std::uint64_t first_seq);
    base::Result<std::shared_ptr<Segment>> writable(std::uint32_t number);
    const std::string& dir() const { return dir_; }

  private:
    std::string dir_;
    crypto::Key log_key_;
    std::mutex mutex_;
    std::map<std::uint32_t, std::shared_ptr<Segment>> open_;
};

}  // namespace chain
