// Tokens whose signature held already, by the SHA-256 of their text, so that a request pays for one hash and no curve arithmetic.
// An entry counts until its token expires or is revoked, never longer.
#pragma once

#include "fhir/auth/caller.hpp"
#include "storage/base/bytes.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <unordered_map>

namespace auth {

// Thread-safe; split in shards so that requests seldom wait for one another.
class TokenCache {
  public:
    static constexpr std::size_t kShards = 16;
    // max_entries bounds the whole; a full shard first drops what expired, then whatever it comes upon.
    explicit TokenCache(std::size_t max_entries) : per_shard_(std::max<std::size_t>(1, max_entries / kShards)) {}

    // nullptr when unknown or expired at `now`.
    CallerPtr find(const base::Digest& token, base::TimeUs now) const;
    // The state of revocations before a token is verified; put() with an older one is dropped, so that a token which was revoked while
    // it was being verified does not slip in behind the revocation.
    std::uint64_t generation() const { return generation_.load(); }
    void put(const base::Digest& token, CallerPtr caller, std::uint64_t generation, base::TimeUs now);
    // Removes every token with this jti. When it returns no find() yields one.
    void remove(std::string_view jti);
    std::size_t size() const;

  private:
    struct First {  // a SHA-256 is uniform: its first bytes are hash enough
        std::size_t operator()(const base::Digest& digest) const;
    };
    struct Shard {
        mutable std::mutex mutex;
        std::unordered_map<base::Digest, CallerPtr, First> entries;
    };
    // The last byte, so that the shard's own table still sees first bytes of every value.
    static std::size_t shard_of(const base::Digest& token) { return token.back() % kShards; }
    void make_room(Shard& shard, base::TimeUs now);

    std::size_t per_shard_;
    std::atomic<std::uint64_t> generation_{0};
    std::array<Shard, kShards> shards_;
};

}  // namespace auth
