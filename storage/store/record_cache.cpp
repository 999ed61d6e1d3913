#include "storage/store/record_cache.hpp"

namespace store {
namespace {

constexpr std::size_t kOverheadBytes = 400;  // list and map nodes, short strings

std::string key_of(std::string_view type, std::string_view id) {
    std::string key;
    key.reserve(type.size() + id.size() + 1);
    key.append(type).append("/").append(id);
    return key;
}

}  // namespace

RecordCache::RecordCache(std::size_t bytes) {
    for (auto& shard : shards_) shard = std::make_unique<Shard>(bytes / kShards);
}

std::shared_ptr<const Record> RecordCache::find(std::string_view type, std::string_view id) {
    const auto key = key_of(type, id);
    auto& shard = shard_of(key);
    const std::lock_guard lock(shard.mutex);
    const auto* found = shard.records.find(key);
    return found == nullptr ? nullptr : *found;
}

RecordCache::Ticket RecordCache::ticket(std::string_view type, std::string_view id) {
    Ticket out{key_of(type, id), 0, 0};
    out.shard = std::hash<std::string>{}(out.key) % kShards;
    const std::lock_guard lock(shards_[out.shard]->mutex);
    out.epoch = shards_[out.shard]->epoch;
    return out;
}

void RecordCache::put(const Ticket& ticket, std::shared_ptr<const Record> record) {
    auto& shard = *shards_[ticket.shard];
    const auto weight = record->body.size() + record->facts.size() + kOverheadBytes;
    const std::lock_guard lock(shard.mutex);
    if (shard.epoch == ticket.epoch) shard.records.put(ticket.key, std::move(record), weight);
}

void RecordCache::invalidate(std::string_view type, std::string_view id) {
    const auto key = key_of(type, id);
    auto& shard = shard_of(key);
    const std::lock_guard lock(shard.mutex);
    ++shard.epoch;
    shard.records.erase(key);
}

void RecordCache::forget_patient(std::string_view patient) {
    for (auto& shard : shards_) {
        const std::lock_guard lock(shard->mutex);
        ++shard->epoch;
        shard->records.erase_if([&](const std::string&, const auto& record) { return record->patient == patient; });
    }
}

}  // namespace store
