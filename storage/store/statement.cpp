#include "storage/store/database.hpp"
#include "storage/store/sqlite_error.hpp"
#include "storage/store/statement_cache.hpp"

#include <sqlite3.h>

namespace store {
namespace {

StatementCache::Slot* as_slot(void* slot) {
    return static_cast<StatementCache::Slot*>(slot);
}

// SQLite takes a null pointer for NULL, also when the length is zero: an empty text needs an address.
const char* address(const void* data) {
    return data != nullptr ? static_cast<const char*>(data) : "";
}

sqlite3_stmt* compile(sqlite3* handle, std::string_view sql, unsigned flags, int* code) {
    sqlite3_stmt* statement = nullptr;
    *code = sqlite3_prepare_v3(handle, sql.data(), static_cast<int>(sql.size()), flags, &statement, nullptr);
    return statement;
}

}  // namespace

StatementCache::Slot* StatementCache::take(sqlite3* handle, std::string_view sql, int* code) {
    const auto found = by_text_.find(sql);
    if (found != by_text_.end() && !found->second->busy) {
        slots_.splice(slots_.begin(), slots_, found->second);
        found->second->busy = true;
        return &*found->second;
    }
    const bool cached = found == by_text_.end();
    auto* const statement = compile(handle, sql, cached ? SQLITE_PREPARE_PERSISTENT : 0, code);
    if (statement == nullptr) return nullptr;
    if (!cached) return new Slot{statement, handle, true, false, SQLITE_OK, {}};
    slots_.push_front(Slot{statement, handle, true, true, SQLITE_OK, std::string(sql)});
    by_text_.emplace(slots_.front().text, slots_.begin());
    evict();
    return &slots_.front();
}

void StatementCache::give_back(Slot* slot) {
    if (!slot->cached) {
        sqlite3_finalize(slot->statement);
        delete slot;
        return;
    }
    sqlite3_reset(slot->statement);
    sqlite3_clear_bindings(slot->statement);
    slot->bind_error = SQLITE_OK;
    slot->busy = false;
}

void StatementCache::evict() {
    for (auto at = slots_.end(); slots_.size() > kMost && at != slots_.begin();) {
        --at;
        if (at->busy) continue;
        sqlite3_finalize(at->statement);
        by_text_.erase(at->text);
        at = slots_.erase(at);
    }
}

void StatementCache::clear() {
    for (auto& slot : slots_) {
        CHECK(!slot.busy);
        sqlite3_finalize(slot.statement);
    }
    by_text_.clear();
    slots_.clear();
}

Statement::Statement(sqlite3_stmt* statement, void* slot) : statement_(statement), slot_(slot) {}
Statement::Statement(Statement&& other) noexcept
    : statement_(std::exchange(other.statement_, nullptr)), slot_(std::exchange(other.slot_, nullptr)) {}
Statement::~Statement() {
    if (slot_ != nullptr) StatementCache::give_back(as_slot(slot_));
}

Statement& Statement::bind(int index, std::int64_t value) {
    return noted(sqlite3_bind_int64(statement_, index, value));
}
Statement& Statement::bind(int index, std::string_view text) {
    return noted(sqlite3_bind_text64(statement_, index, address(text.data()), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}
Statement& Statement::bind(int index, base::ByteView blob) {
    return noted(sqlite3_bind_blob64(statement_, index, address(blob.data()), blob.size(), SQLITE_TRANSIENT));
}
Statement& Statement::bind_null(int index) {
    return noted(sqlite3_bind_null(statement_, index));
}
Statement& Statement::noted(int code) {
    if (code != SQLITE_OK && as_slot(slot_)->bind_error == SQLITE_OK) as_slot(slot_)->bind_error = code;
    return *this;
}

base::Result<bool> Statement::step() {
    auto* const slot = as_slot(slot_);
    if (slot->bind_error != SQLITE_OK) return sqlite_failed(slot->handle, slot->bind_error, "binding a value");
    const int rc = sqlite3_step(statement_);
    if (rc == SQLITE_ROW) return true;
    if (rc == SQLITE_DONE) return false;
    return sqlite_failed(slot->handle, rc, "running a statement");
}

base::Status Statement::run() {
    while (true) {
        const auto row = step();
        if (!row) return base::pass(row);
        if (!*row) return {};
    }
}

void Statement::reset() {
    sqlite3_reset(statement_);
}

bool Statement::is_null(int column) const {
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}
std::int64_t Statement::integer(int column) const {
    return sqlite3_column_int64(statement_, column);
}
std::string Statement::text(int column) const {
    return std::string(base::as_text(view(column)));
}
base::Bytes Statement::blob(int column) const {
    return base::to_bytes(view(column));
}
base::ByteView Statement::view(int column) const {
    const auto* const data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
    return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

}  // namespace store
