// How the active segment is written: whole blocks at offsets where zeroes stand already, past the page cache where the filesystem can
// (O_DIRECT). README.md says what each of the two saves.
#pragma once

#include "anchoring/chain/file.hpp"

#include <atomic>
#include <memory>
#include <mutex>

namespace chain {

class SegmentWriter {
  public:
    // `at`: where the next group goes. Not `past_page_cache`: as on a filesystem without O_DIRECT. Errors: Kind::not_found, Kind::fault,
    // Kind::corrupt (the file ends before `at`).
    static base::Result<std::unique_ptr<SegmentWriter>> open(const std::string& path, std::uint64_t at, bool past_page_cache = true);

    // Behind what stands, durable when it returns. Makes room itself when there is none, which takes longer. One thread. After a failure the
    // file's end is not known any more: write nothing else.
    base::Status append(base::ByteView bytes, Disk& disk);

    // Zeroes up to `to`, in steps, durable. From any thread, beside append. `pace`: leaves the disk to others between steps, and stops early
    // for a group that finds no room.
    base::Status extend(std::uint64_t to, bool pace);
    // Cuts the file behind the last group and syncs it; nothing is written afterwards. Where append may be called.
    base::Status finish();
    // How far append may go without a change to what the filesystem keeps about the file.
    std::uint64_t room() const { return room_; }

  private:
    SegmentWriter(File file, std::uint64_t at, std::uint64_t room);
    base::Status read_begun_block();  // Kind::invalid: not in the mode in which the file is open
    void reserve(std::size_t bytes);

    File file_;
    std::uint64_t block_at_;    // where the begun block is
    std::size_t begun_;         // bytes of it that are taken
    std::size_t capacity_ = 0;  // of buffer_, whose first bytes are those of the begun block
    Blocks buffer_;
    std::mutex extending_;
    std::atomic<bool> finished_{false};
    std::atomic<int> urgent_{0};  // calls that a group waits for: a paced one gives way
    std::atomic<std::uint64_t> room_;
};

}  // namespace chain
