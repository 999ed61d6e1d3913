// Prepared statements by their text, least recently used ones finalised first. Internal to storage/store.
#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

struct sqlite3;
struct sqlite3_stmt;

namespace store {

class StatementCache {
  public:
    struct Slot {
        sqlite3_stmt* statement = nullptr;
        sqlite3* handle = nullptr;
        bool busy = false;
        bool cached = false;  // false: a second use of a text that is busy; finalised when given back
        int bind_error = 0;   // the first failed bind; step() tells
        std::string text;
    };

    StatementCache() = default;
    StatementCache(const StatementCache&) = delete;
    StatementCache& operator=(const StatementCache&) = delete;
    ~StatementCache() { clear(); }

    // nullptr: *code says why. The slot is the caller's until give_back.
    Slot* take(sqlite3* handle, std::string_view sql, int* code);
    static void give_back(Slot* slot);
    void clear();  // CHECK: nothing is in use

  private:
    // Searches are compiled to many texts; more than this are not worth their memory (a few kB each).
    static constexpr std::size_t kMost = 256;
    void evict();

    std::list<Slot> slots_;  // most recently taken first
    std::unordered_map<std::string_view, std::list<Slot>::iterator> by_text_;
};

}  // namespace store
