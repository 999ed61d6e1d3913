// A pair of connections, to records.db and index.db, with what reads and searches them; and a pool of such pairs. Internal to
// storage/store.
#pragma once

#include "storage/store/index_search.hpp"
#include "storage/store/record_cache.hpp"
#include "storage/store/record_table.hpp"
#include "storage/store/store.hpp"

#include <atomic>
#include <condition_variable>

namespace store {

// What every part of an open store shares.
struct Core {
    Core(const StoreOptions& options_, KeyRing& keys_, const base::Clock& clock_);

    std::string records_path() const { return options.dir + "/records.db"; }
    std::string index_path() const { return options.dir + "/index.db"; }

    const StoreOptions options;
    KeyRing& keys;
    const base::Clock& clock;
    const Envelope envelope;
    const Tokens tokens;
    const crypto::Key records_key, index_key, redo_key, journal_key;
    RecordCache cache;
    std::atomic<std::uint64_t> acknowledged = 0;  // the newest version that everybody may see
    std::atomic<bool> index_ready = false;
    std::atomic<bool> index_behind = false;  // of what is acknowledged, until the next start
};

struct Connection {
    enum class Role : bool { reader, writer };
    // A reader opens existing files; a writer makes them.
    static base::Result<std::unique_ptr<Connection>> open(const Core& core, Role role);

    Connection(Database records_, Database index_) : records(std::move(records_)), index(std::move(index_)), table(records) {}
    Database records, index;
    RecordTable table;
    std::unique_ptr<IndexSearch> search;
};

class ConnectionPool {
  public:
    explicit ConnectionPool(const Core& core) : core_(core) {}

    // Gives its connection back when it dies.
    class Lease {
      public:
        Lease(ConnectionPool& pool, std::unique_ptr<Connection> connection) : pool_(&pool), connection_(std::move(connection)) {}
        Lease(Lease&&) noexcept = default;
        Lease& operator=(Lease&&) = delete;
        ~Lease() {
            if (connection_) pool_->give_back(std::move(connection_));
        }
        Connection& operator*() const { return *connection_; }
        Connection* operator->() const { return connection_.get(); }

      private:
        ConnectionPool* pool_;
        std::unique_ptr<Connection> connection_;
    };
    // The connection given back last, whose pages are still warm; a new one below options.readers; else waits.
    base::Result<Lease> lease();
    // Closes what rests here: before index.db is replaced.
    void close_idle();

  private:
    void give_back(std::unique_ptr<Connection> connection);

    const Core& core_;
    std::mutex mutex_;
    std::condition_variable returned_;
    std::vector<std::unique_ptr<Connection>> idle_;
    int open_ = 0;
};

}  // namespace store
