#include "storage/store/database.hpp"

#include "storage/store/files.hpp"
#include "storage/store/sqlite_error.hpp"
#include "storage/store/statement_cache.hpp"

#include <list>
#include <string>
#include <unordered_map>

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

namespace store {
namespace {

using base::Kind;

constexpr int kAegis256 = 4;  // SQLite3MC's number of the algorithm: a 256-bit key and a 256-bit random nonce for each page
constexpr int kMaxArguments = 16;

// "raw:" tells SQLite3MC to take the key as it stands; without it every connection would pay for Argon2.
struct RawKey {
    explicit RawKey(const crypto::Key& key) {
        const auto bytes = key.view();
        std::copy(bytes.begin(), bytes.end(), text.begin() + 4);
    }
    ~RawKey() { base::wipe(text); }
    int size() const { return static_cast<int>(text.size()); }
    std::array<std::uint8_t, 4 + crypto::Key::kBytes> text{'r', 'a', 'w', ':'};
};

std::string_view sync_name(OpenOptions::Sync sync) {
    switch (sync) {
        case OpenOptions::Sync::off:
            return "OFF";
        case OpenOptions::Sync::normal:
            return "NORMAL";
        case OpenOptions::Sync::full:
            return "FULL";
    }
    return "FULL";
}

// SQLite would create the file with the umask's mode; here nobody else reads it, not even for a moment.
base::Status create_private(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return errno == EEXIST ? base::Status() : files::failed("creating a database file");
    ::close(fd);
    return files::sync_directory_of(path);
}

void call_function(sqlite3_context* context, int count, sqlite3_value** values) noexcept {
    std::array<ColumnView, kMaxArguments> columns;
    for (int i = 0; i < count; ++i) {
        auto& column = columns[static_cast<std::size_t>(i)];
        const int type = sqlite3_value_type(values[i]);
        column.null = type == SQLITE_NULL;
        if (type == SQLITE_INTEGER) {
            column.integer = sqlite3_value_int64(values[i]);
        } else if (!column.null) {
            const auto* const data = static_cast<const std::uint8_t*>(sqlite3_value_blob(values[i]));
            column.bytes = {data, static_cast<std::size_t>(sqlite3_value_bytes(values[i]))};
        }
    }
    const auto& function = *static_cast<const Database::ScalarFunction*>(sqlite3_user_data(context));
    sqlite3_result_int64(context, function(std::span<const ColumnView>(columns).first(static_cast<std::size_t>(count))));
}

}  // namespace

struct Database::Impl {
    ~Impl() {
        cache.clear();
        sqlite3_close_v2(handle);
    }
    sqlite3* handle = nullptr;
    StatementCache cache;
    OpenOptions options;
    int wal_pages = 0;
};

Database::Database(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Database::~Database() = default;
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;

base::Result<Database> Database::open(const std::string& path, const crypto::Key& key, const OpenOptions& options) {
    if (!options.read_only) {
        if (auto created = create_private(path); !created) return base::pass(created);
    }
    Database database(std::make_unique<Impl>());
    auto& impl = *database.impl_;
    impl.options = options;
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    if (const int rc = sqlite3_open_v2(path.c_str(), &impl.handle, flags, nullptr); rc != SQLITE_OK) {
        return sqlite_failed(impl.handle, rc, "opening a database file");
    }
    sqlite3_busy_timeout(impl.handle, options.busy_timeout_ms);
    if (sqlite3mc_config_cipher(impl.handle, "aegis", "algorithm", kAegis256) != kAegis256) {
        return base::fail(Kind::fault, "SQLite has no AEGIS-256");
    }
    const RawKey raw(key);
    if (const int rc = sqlite3_key_v2(impl.handle, "main", raw.text.data(), raw.size()); rc != SQLITE_OK) {
        return sqlite_failed(impl.handle, rc, "keying a database file");
    }
    // The page size must be said before anything else touches the file. It has no effect on a file that has pages.
    std::string pragmas = "PRAGMA page_size=" + std::to_string(options.page_bytes) + ";";
    pragmas += "PRAGMA cache_size=-" + std::to_string(options.cache_kib) + ";";
    pragmas += "PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA temp_store=MEMORY;";
    auto ready = database.execute(pragmas);
    // The first real read: pages that do not open under this key say so here at the latest.
    if (ready) ready = database.execute("SELECT count(*) FROM sqlite_schema");
    if (!ready && (sqlite3_errcode(impl.handle) & 0xff) == SQLITE_NOTADB) {
        return base::fail(Kind::corrupt, path.substr(path.rfind('/') + 1) + ": its first page does not open under its key: the page was changed, or "
                                         "the file is another directory's; bring it back from a backup");
    }
    if (!ready) return base::pass(ready);
    if (options.read_only) {
        if (auto set = database.execute("PRAGMA query_only=ON"); !set) return base::pass(set);
        return database;
    }
    pragmas = std::string("PRAGMA journal_mode=") + (options.wal ? "WAL" : "DELETE") + ";";
    pragmas += "PRAGMA synchronous=" + std::string(sync_name(options.sync)) + ";";
    pragmas += std::string("PRAGMA secure_delete=") + (options.secure_delete ? "ON" : "OFF") + ";";
    if (auto set = database.execute(pragmas); !set) return base::pass(set);
    return database;
}

base::Status Database::execute(std::string_view sql) {
    const std::string text(sql);
    const int rc = sqlite3_exec(impl_->handle, text.c_str(), nullptr, nullptr, nullptr);
    if (rc != SQLITE_OK) return sqlite_failed(impl_->handle, rc, "executing a statement");
    return {};
}

base::Status Database::run(std::string_view sql) {
    auto statement = prepare(sql);
    if (!statement) return base::pass(statement);
    return statement->run();
}

base::Result<Statement> Database::prepare(std::string_view sql) {
    int code = SQLITE_OK;
    auto* const slot = impl_->cache.take(impl_->handle, sql, &code);
    if (slot == nullptr) return sqlite_failed(impl_->handle, code, "preparing a statement");
    return Statement(slot->statement, slot);
}

std::int64_t Database::changes() const {
    return sqlite3_changes64(impl_->handle);
}
std::int64_t Database::last_insert_rowid() const {
    return sqlite3_last_insert_rowid(impl_->handle);
}
bool Database::in_transaction() const {
    return sqlite3_get_autocommit(impl_->handle) == 0;
}
sqlite3* Database::handle() const {
    return impl_->handle;
}

base::Status Database::define(std::string_view name, int arguments, ScalarFunction function) {
    CHECK(arguments <= kMaxArguments);
    auto* const held = new ScalarFunction(std::move(function));
    const auto destroy = [](void* user) { delete static_cast<ScalarFunction*>(user); };
    const int rc = sqlite3_create_function_v2(impl_->handle, std::string(name).c_str(), arguments, SQLITE_UTF8 | SQLITE_DIRECTONLY, held,
                                              call_function, nullptr, nullptr, destroy);
    if (rc != SQLITE_OK) return sqlite_failed(impl_->handle, rc, "registering a function");  // SQLite has called destroy
    return {};
}

void Database::checkpoint_by_hand() {
    const auto note = [](void* user, sqlite3*, const char*, int pages) {
        *static_cast<int*>(user) = pages;
        return SQLITE_OK;
    };
    sqlite3_wal_hook(impl_->handle, note, &impl_->wal_pages);  // takes the place of the automatic checkpoint
}
int Database::wal_pages() const {
    return impl_->wal_pages;
}
base::Result<bool> Database::checkpoint(bool truncate) {
    int in_wal = 0, moved = 0;
    const int mode = truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE;
    const int rc = sqlite3_wal_checkpoint_v2(impl_->handle, "main", mode, &in_wal, &moved);
    if (rc == SQLITE_BUSY) return false;
    if (rc != SQLITE_OK) return sqlite_failed(impl_->handle, rc, "checkpointing a WAL");
    impl_->wal_pages = in_wal - moved;
    return in_wal == moved;
}

base::Status Database::backup_to(const std::string& path, const crypto::Key& key) {
    auto page = prepare("PRAGMA page_size");
    if (!page) return base::pass(page);
    if (auto row = page->step(); !row) return base::pass(row);
    OpenOptions target;
    target.wal = false;
    target.page_bytes = static_cast<int>(page->integer(0));
    auto copy = open(path, key, target);
    if (!copy) return base::pass(copy);
    auto* const backup = sqlite3_backup_init(copy->handle(), "main", impl_->handle, "main");
    if (backup == nullptr) return sqlite_failed(copy->handle(), sqlite3_errcode(copy->handle()), "starting a backup");
    // All pages in one step, under one read transaction: in WAL mode writers go on meanwhile and the copy never starts over.
    sqlite3_backup_step(backup, -1);
    if (const int rc = sqlite3_backup_finish(backup); rc != SQLITE_OK) return sqlite_failed(copy->handle(), rc, "copying pages");
    return {};
}

base::Status Database::rekey(const crypto::Key& key) {
    // Every page is written anew in one transaction, which SQLite3MC cannot do through a WAL.
    impl_->cache.clear();
    if (impl_->options.wal) {
        if (auto set = execute("PRAGMA journal_mode=DELETE"); !set) return set;
    }
    const RawKey raw(key);
    if (const int rc = sqlite3_rekey_v2(impl_->handle, "main", raw.text.data(), raw.size()); rc != SQLITE_OK) {
        return sqlite_failed(impl_->handle, rc, "changing the key of a database file");
    }
    if (impl_->options.wal) return execute("PRAGMA journal_mode=WAL");
    return {};
}

tl::unexpected<base::Error> sqlite_failed(sqlite3* handle, int code, std::string_view doing) {
    // Which of the directory's databases it was: the name alone, as paths are nobody else's business.
    const char* const path = handle == nullptr ? nullptr : sqlite3_db_filename(handle, "main");
    const std::string_view file = path == nullptr ? std::string_view() : std::string_view(path);
    std::string said(file.substr(file.rfind('/') + 1));
    if (!said.empty()) said += ": ";
    said += "SQLite: " + std::string(doing) + " failed: " + sqlite3_errstr(code) + " (" + std::to_string(code) + ")";
    switch (code & 0xff) {
        case SQLITE_CONSTRAINT:
            return base::fail(Kind::conflict, std::move(said));
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return base::fail(Kind::unavailable, std::move(said));
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return base::fail(Kind::corrupt, std::move(said));
        case SQLITE_FULL:  // the operator's to mend: what the caller sent is not too large
            return base::fail(Kind::unavailable, "the disk is full; " + said);
        case SQLITE_ERROR:  // a mistake in our own SQL: the message names the place
            if (handle != nullptr) said += std::string(": ") + sqlite3_errmsg(handle);
            return base::fail(Kind::fault, std::move(said));
        default:
            return base::fail(Kind::fault, std::move(said));
    }
}

}  // namespace store
