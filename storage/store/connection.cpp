#include "storage/store/connection.hpp"

namespace store {
namespace {

// README.md has the measurements. Rows are packed closer into larger pages; a random insert into the index writes a whole page.
constexpr int kRecordsPageBytes = 8192;
constexpr int kIndexPageBytes = 4096;
constexpr int kReaderRecordsKib = 4 * 1024;
constexpr int kReaderIndexKib = 8 * 1024;
constexpr int kWriterRecordsKib = 16 * 1024;
constexpr int kWriterIndexKib = 128 * 1024;  // random inserts: what is not here is read and decrypted again

}  // namespace

Core::Core(const StoreOptions& options_, KeyRing& keys_, const base::Clock& clock_)
    : options(options_),
      keys(keys_),
      clock(clock_),
      envelope(keys_),
      tokens(keys_.derived("token")),
      records_key(keys_.derived("db:records")),
      index_key(keys_.derived("db:index")),
      redo_key(keys_.derived("redo")),
      journal_key(keys_.derived("journal")),
      cache(options_.cache_bytes) {}

base::Result<std::unique_ptr<Connection>> Connection::open(const Core& core, Role role) {
    const bool writer = role == Role::writer;
    OpenOptions options;
    options.read_only = !writer;
    options.secure_delete = true;  // what an erasure or a confirmed journal row takes out leaves no trace in free space
    options.page_bytes = kRecordsPageBytes;
    options.cache_kib = writer ? kWriterRecordsKib : kReaderRecordsKib;
    auto records = Database::open(core.records_path(), core.records_key, options);
    if (!records) return base::pass(records);
    // What a power cut takes from the index comes back from the redo rows of records.db: no fsync for each commit.
    options.sync = OpenOptions::Sync::normal;
    options.page_bytes = kIndexPageBytes;
    options.cache_kib = writer ? kWriterIndexKib : kReaderIndexKib;
    auto index = Database::open(core.index_path(), core.index_key, options);
    if (!index) return base::pass(index);
    auto connection = std::make_unique<Connection>(std::move(*records), std::move(*index));
    auto search = IndexSearch::attach(connection->index, core.tokens);
    if (!search) return base::pass(search);
    connection->search = std::move(*search);
    return connection;
}

base::Result<ConnectionPool::Lease> ConnectionPool::lease() {
    {
        std::unique_lock lock(mutex_);
        returned_.wait(lock, [&] { return !idle_.empty() || open_ < std::max(core_.options.readers, 1); });
        if (!idle_.empty()) {
            auto connection = std::move(idle_.back());
            idle_.pop_back();
            return Lease(*this, std::move(connection));
        }
        ++open_;
    }
    auto made = Connection::open(core_, Connection::Role::reader);
    if (made) return Lease(*this, std::move(*made));
    const std::lock_guard lock(mutex_);
    --open_;
    returned_.notify_one();
    return base::pass(made);
}

void ConnectionPool::give_back(std::unique_ptr<Connection> connection) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(connection));
    returned_.notify_one();
}

void ConnectionPool::close_idle() {
    const std::lock_guard lock(mutex_);
    open_ -= static_cast<int>(idle_.size());
    idle_.clear();
}

}  // namespace store
