// What key_ring.cpp and key_rotation.cpp share. Internal to storage/store.
#pragma once

#include "storage/store/database.hpp"
#include "storage/store/key_files.hpp"
#include "storage/store/key_ring.hpp"
#include "storage/store/lru.hpp"

#include <cstring>
#include <map>
#include <mutex>

namespace store {

struct KeyRing::Impl {
    static constexpr std::size_t kCachedKeys = 32'768;  // about 6 MB; a miss costs one row and one unwrap, some 20 us

    using Owner = std::array<std::uint8_t, 16>;

    struct KeyIdHash {
        std::size_t operator()(const KeyId& id) const {
            std::size_t out = 0;  // ids are random: any eight bytes are a good hash
            std::memcpy(&out, id.data(), sizeof(out));
            return out;
        }
    };

    // Ends a transaction that was not committed, on every way out.
    class Transaction {
      public:
        explicit Transaction(Database& db) : db_(db) {}
        base::Status begin() { return db_.execute("BEGIN IMMEDIATE"); }
        base::Status commit() { return db_.execute("COMMIT"); }
        ~Transaction() {
            if (db_.in_transaction()) (void)db_.execute("ROLLBACK");  // the error that led here is the one that is told
        }
        Transaction(const Transaction&) = delete;
        Transaction& operator=(const Transaction&) = delete;

      private:
        Database& db_;
    };

    struct Tenant {
        std::int64_t version = 0;
        crypto::Key key;
        crypto::Key secret;  // stable over rotations: what derived() stands on
    };

    Impl(std::string dir_, const base::Clock& clock_, key_files::Pair pair)
        : dir(std::move(dir_)), clock(clock_), root(std::move(pair.root)), rows(std::move(pair.rows)) {}

    base::Status load_tenant();
    base::Status note_file();
    Owner owner_of(std::string_view patient) const;
    base::Result<std::optional<NamedKey>> select(const Owner& owner, KeyUse use);
    base::Result<bool> tombstone(const Owner& owner, KeyUse use);
    base::Result<NamedKey> insert(const Owner& owner, KeyUse use);
    base::Result<NamedKey> unwrap(const KeyId& id, std::int64_t tenant_version, base::ByteView wrapped);
    base::Result<NamedKey> find_or_make(std::string_view patient, KeyUse use);
    base::Result<bool> destroy(const Owner& owner, KeyUse use);
    base::Status rewrap_all(const Tenant& next);
    void remember(std::string_view patient, KeyUse use, const NamedKey& key);
    bool cached(std::string_view patient, KeyUse use);
    void forget(std::string_view patient);

    const std::string dir;
    const base::Clock& clock;

    std::mutex rows_mutex;  // root, rows, file, tenant; taken before cache_mutex
    crypto::Key root;
    Database rows;
    files::Identity file;  // of keys.db when it was opened
    Tenant tenant;
    std::shared_ptr<const crypto::Key> tenant_data;
    crypto::Key owner_key;

    std::mutex cache_mutex;
    Lru<std::string, NamedKey> by_patient{kCachedKeys};  // one character of use, then the id
    Lru<KeyId, NamedKey, KeyIdHash> by_id{kCachedKeys};

    std::mutex subscribers_mutex;
    std::map<std::uint64_t, OnErase> subscribers;
    std::uint64_t next_subscriber = 1;
};

}  // namespace store
