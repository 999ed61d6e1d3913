#include "fhir/auth/token_cache.hpp"

#include <cstring>

namespace auth {

std::size_t TokenCache::First::operator()(const base::Digest& digest) const {
    std::size_t value = 0;
    std::memcpy(&value, digest.data(), sizeof value);
    return value;
}

CallerPtr TokenCache::find(const base::Digest& token, base::TimeUs now) const {
    const auto& part = shards_[shard_of(token)];
    const std::lock_guard lock(part.mutex);
    const auto at = part.entries.find(token);
    if (at == part.entries.end() || at->second->expires_us <= now) return nullptr;
    return at->second;
}

void TokenCache::put(const base::Digest& token, CallerPtr caller, std::uint64_t generation, base::TimeUs now) {
    auto& part = shards_[shard_of(token)];
    const std::lock_guard lock(part.mutex);
    // Under the shard's lock: a revocation counts the generation up first and empties the shards after, so either this sees the new
    // number, or the revocation finds this entry.
    if (generation != generation_.load() || caller->expires_us <= now) return;
    if (part.entries.size() >= per_shard_) make_room(part, now);
    part.entries.insert_or_assign(token, std::move(caller));
}

void TokenCache::make_room(Shard& part, base::TimeUs now) {
    std::erase_if(part.entries, [&](const auto& entry) { return entry.second->expires_us <= now; });
    while (part.entries.size() >= per_shard_) part.entries.erase(part.entries.begin());
}

void TokenCache::remove(std::string_view jti) {
    generation_.fetch_add(1);
    for (auto& part : shards_) {
        const std::lock_guard lock(part.mutex);
        std::erase_if(part.entries, [&](const auto& entry) { return entry.second->token_id == jti; });
    }
}

std::size_t TokenCache::size() const {
    std::size_t total = 0;
    for (const auto& part : shards_) {
        const std::lock_guard lock(part.mutex);
        total += part.entries.size();
    }
    return total;
}

}  // namespace auth
