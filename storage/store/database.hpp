// A thin, throwing-free wrapper of SQLite3 Multiple Ciphers: the only place that sees sqlite3.h. Every file is encrypted page by
// page with AEGIS-256 (storage/README.md says why). A Database and its Statements belong to one thread at a time.
#pragma once

#include "storage/base/bytes.hpp"
#include "storage/crypto/secret.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace store {

class Statement;

struct OpenOptions {
    bool read_only = false;
    bool wal = true;             // false: journal_mode=DELETE, for the key file
    bool secure_delete = false;  // overwrite freed content, for the key file
    enum class Sync { off, normal, full } sync = Sync::full;
    int cache_kib = 16 * 1024;
    int page_bytes = 4096;  // only for a new file
    int busy_timeout_ms = 5000;
};

class Database {
  public:
    // Creates the file when absent (not when read_only) with mode 0600. read_only may share the file with a writer. Errors: Kind::corrupt
    // when the key does not open it, Kind::fault otherwise.
    static base::Result<Database> open(const std::string& path, const crypto::Key& key, const OpenOptions& options);
    ~Database();
    Database(Database&&) noexcept;
    Database& operator=(Database&&) noexcept;

    base::Status execute(std::string_view sql);  // one or several statements without parameters
    base::Status run(std::string_view sql);      // one statement without parameters, prepared once: for BEGIN, SAVEPOINT, COMMIT
    // Prepared once per Database and text, reset when handed out; valid as long as the Database.
    base::Result<Statement> prepare(std::string_view sql);
    std::int64_t changes() const;
    std::int64_t last_insert_rowid() const;
    // false after SQLite itself gave up a transaction (disk full, I/O error): what was in it is gone, also other savepoints.
    bool in_transaction() const;
    // Registers a scalar function of at most 16 arguments: they are the raw columns as bytes/integers. It must not throw. For consent
    // predicates.
    using ScalarFunction = std::function<std::int64_t(std::span<const struct ColumnView>)>;
    base::Status define(std::string_view name, int arguments, ScalarFunction function);
    // Turns SQLite's own checkpoints off: from now on the caller looks at wal_pages() after a commit and calls checkpoint(), at a moment
    // when nobody waits. SQLite's own runs inside every thousandth page's COMMIT.
    void checkpoint_by_hand();
    int wal_pages() const;  // in the WAL after the last commit
    // Moves the WAL into the file and syncs it. true: all of it, so everything committed here is on the disk; false: readers held some
    // back. `truncate` also waits for readers and cuts the WAL file to nothing.
    base::Result<bool> checkpoint(bool truncate);
    // SQLite's online backup into another encrypted file; consistent while others write.
    base::Status backup_to(const std::string& path, const crypto::Key& key);
    base::Status rekey(const crypto::Key& key);
    sqlite3* handle() const;

  private:
    struct Impl;
    explicit Database(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
    friend class Statement;
};

// A column or function argument: exactly one of the three.
struct ColumnView {
    bool null = true;
    std::int64_t integer = 0;
    base::ByteView bytes;  // TEXT or BLOB; valid until the next step
};

// Bind from 1, read from 0, as SQLite counts.
class Statement {
  public:
    Statement(Statement&&) noexcept;
    ~Statement();  // resets, gives it back to the Database
    Statement& bind(int index, std::int64_t value);
    Statement& bind(int index, std::string_view text);
    Statement& bind(int index, base::ByteView blob);
    Statement& bind_null(int index);
    // true: a row stands ready; false: done. Errors: Kind::conflict on a unique constraint, Kind::unavailable when busy or the disk is
    // full, Kind::corrupt when pages do not open or the file is malformed, Kind::fault otherwise.
    base::Result<bool> step();
    base::Status run();  // step to the end, no rows wanted
    void reset();        // back to the start, bindings kept: for running the same statement again
    bool is_null(int column) const;
    std::int64_t integer(int column) const;
    std::string text(int column) const;
    base::Bytes blob(int column) const;
    base::ByteView view(int column) const;  // valid until the next step

  private:
    friend class Database;
    explicit Statement(sqlite3_stmt* statement, void* slot);
    Statement& noted(int code);
    sqlite3_stmt* statement_;
    void* slot_;
};

}  // namespace store
