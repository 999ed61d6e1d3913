// An append-only file of records of one width: the tree's nodes, and where each entry stands in the log. It is derived from the log,
// so appends only reach memory; flush() writes them, at each checkpoint. Thread-safe.
#pragma once

#include "anchoring/chain/file.hpp"

#include <mutex>

namespace chain {

class FlatFile {
  public:
    // A part of a record at the end of the file (a crash) is not counted.
    static base::Result<std::unique_ptr<FlatFile>> open(const std::string& path, std::size_t width, File::Mode mode);

    std::uint64_t count() const;          // with those that wait in memory
    void append(base::ByteView records);  // CHECK: whole records
    // Error: Kind::corrupt past the end.
    base::Status read(std::uint64_t index, std::span<std::uint8_t> out) const;
    base::Status flush();                   // written and synced when it returns
    base::Status cut(std::uint64_t count);  // forgets what is beyond; only while nobody else uses it

  private:
    FlatFile(File file, std::size_t width, std::uint64_t stored) : file_(std::move(file)), width_(width), stored_(stored) {}
    mutable std::mutex mutex_;
    std::mutex flushing_;
    File file_;
    const std::size_t width_;
    std::uint64_t stored_;  // records in the file
    base::Bytes waiting_;
};

}  // namespace chain
