// Opened records, newest versions only, so that a read of a hot record opens no envelope. Never gives a version that was replaced by an
// acknowledged write, nor anything whose key was destroyed. Thread-safe. Internal to storage/store.
#pragma once

#include "storage/store/lru.hpp"
#include "storage/store/record.hpp"

#include <array>
#include <mutex>
#include <optional>

namespace store {

class RecordCache {
  public:
    explicit RecordCache(std::size_t bytes);

    // nullptr when it is not here.
    std::shared_ptr<const Record> find(std::string_view type, std::string_view id);

    // Taken before the store is read. put() with it does nothing when the place was invalidated in between: what was read then may be the
    // version before.
    struct Ticket {
        std::string key;
        std::size_t shard = 0;
        std::uint64_t epoch = 0;
    };
    Ticket ticket(std::string_view type, std::string_view id);
    void put(const Ticket& ticket, std::shared_ptr<const Record> record);

    // After a commit, before it is acknowledged.
    void invalidate(std::string_view type, std::string_view id);
    void forget_patient(std::string_view patient);

  private:
    static constexpr std::size_t kShards = 16;
    struct Shard {
        explicit Shard(std::size_t bytes) : records(bytes) {}
        std::mutex mutex;
        std::uint64_t epoch = 0;
        Lru<std::string, std::shared_ptr<const Record>> records;
    };
    Shard& shard_of(const std::string& key) { return *shards_[std::hash<std::string>{}(key) % kShards]; }

    std::array<std::unique_ptr<Shard>, kShards> shards_;
};

}  // namespace store
