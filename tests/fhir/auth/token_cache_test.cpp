// Bounded, never longer than the token, and no way past a revocation.
#include "fhir/auth/token_cache.hpp"

#include "storage/crypto/hash.hpp"

#include <thread>

#include <gtest/gtest.h>

namespace auth {
namespace {

base::Digest key(int n) {
    return crypto::sha256(base::as_bytes(std::to_string(n)));
}
CallerPtr caller(std::string jti, base::TimeUs expires) {
    Caller made;
    made.token_id = std::move(jti);
    made.expires_us = expires;
    return std::make_shared<const Caller>(std::move(made));
}

TEST(TokenCache, FindsWhatWasPutUntilItExpires) {
    TokenCache cache(160);
    cache.put(key(1), caller("a", 100), cache.generation(), 0);
    EXPECT_NE(cache.find(key(1), 99), nullptr);
    EXPECT_EQ(cache.find(key(1), 100), nullptr);
    EXPECT_EQ(cache.find(key(2), 0), nullptr);
    cache.put(key(3), caller("c", 100), cache.generation(), 100);
    EXPECT_EQ(cache.size(), 1u);  // what has expired is not taken in
}

TEST(TokenCache, StaysWithinItsBound) {
    TokenCache cache(160);
    for (int i = 0; i < 5000; ++i) cache.put(key(i), caller(std::to_string(i), 100), cache.generation(), 0);
    EXPECT_LE(cache.size(), 160u);
    EXPECT_GE(cache.size(), 150u);
    EXPECT_NE(cache.find(key(4999), 0), nullptr);
}

TEST(TokenCache, DropsTheExpiredBeforeTheLiving) {
    TokenCache cache(2 * TokenCache::kShards);  // two entries a shard
    std::vector<base::Digest> one_shard;
    for (int i = 0; one_shard.size() < 3; ++i) {
        if (key(i).back() % TokenCache::kShards == 0) one_shard.push_back(key(i));
    }
    cache.put(one_shard[0], caller("living", 100), cache.generation(), 0);
    cache.put(one_shard[1], caller("old", 10), cache.generation(), 0);
    cache.put(one_shard[2], caller("new", 100), cache.generation(), 20);
    EXPECT_EQ(cache.find(one_shard[0], 20)->token_id, "living");
    EXPECT_EQ(cache.find(one_shard[2], 20)->token_id, "new");
    EXPECT_EQ(cache.size(), 2u);
}

TEST(TokenCache, ATokenVerifiedBeforeItsRevocationDoesNotSlipInAfterIt) {
    TokenCache cache(160);
    const auto before = cache.generation();
    cache.remove("a");
    cache.put(key(1), caller("a", 100), before, 0);
    EXPECT_EQ(cache.find(key(1), 0), nullptr);
}

TEST(TokenCache, RemovalBesideReadersAndWritersLeavesNothing) {
    TokenCache cache(1600);
    std::atomic<bool> revoked{false}, seen_after{false}, stop{false};
    std::thread writer([&] {
        while (!stop) {
            const auto generation = cache.generation();
            if (revoked) break;  // from here on verification itself would refuse
            for (int i = 0; i < 8; ++i) cache.put(key(i), caller("a", 100), generation, 0);
        }
    });
    std::thread reader([&] {
        while (!stop) {
            for (int i = 0; i < 8; ++i) (void)cache.find(key(i), 0);
        }
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    revoked = true;
    cache.remove("a");
    for (int round = 0; round < 2000; ++round) {
        if (cache.find(key(round % 8), 0)) seen_after = true;
    }
    stop = true;
    writer.join();
    reader.join();
    EXPECT_FALSE(seen_after);
    EXPECT_EQ(cache.size(), 0u);
}

}  // namespace
}  // namespace auth
