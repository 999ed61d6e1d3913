// What a server has acknowledged, so that a second `kedge load` goes on where the first one stopped.
#pragma once

#include "storage/base/error.hpp"

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>

namespace server {

// A text file: "kedge-load-journal 1 URL", then a line for each event: "begun KEY" before a unit is sent that must not be sent twice, "KEY"
// when the server has acknowledged one, "free KEY" when it is known that it took nothing. Thread-safe.
class LoadJournal {
  public:
    // Reads what is there and opens the file for appending; a torn last line is cut off. Errors: Kind::conflict when the
    // journal is of another URL, Kind::invalid when the file is none, Kind::fault when it cannot be read or written.
    static base::Result<std::unique_ptr<LoadJournal>> open(const std::string& path, std::string_view url);
    ~LoadJournal();
    LoadJournal(const LoadJournal&) = delete;

    // Place and content: a file that was changed since is sent again.
    static std::string key_of(std::string_view file, std::uint64_t line, std::string_view body);
    bool has(const std::string& key) const;    // acknowledged
    bool begun(const std::string& key) const;  // sent, by this run or one that was killed, and nobody knows what came of it
    // Each is in the file when it returns. Error: Kind::fault
    base::Status begin(const std::string& key);
    base::Status add(const std::string& key);
    base::Status free(const std::string& key);

  private:
    explicit LoadJournal(int fd) : fd_(fd) {}
    const int fd_;
    mutable std::mutex mutex_;
    void take(std::string_view line);
    base::Status write(const std::string& line);
    std::unordered_set<std::string> keys_, begun_;
};

}  // namespace server
