// No copy of a key outlives it: this looks through the process's own memory.
#include "storage/crypto/aead.hpp"
#include "storage/crypto/ed25519.hpp"
#include "storage/crypto/hash.hpp"
#include "storage/crypto/key_wrap.hpp"
#include "storage/crypto/random.hpp"

#include <cstdio>
#include <cstring>
#include <fstream>
#include <new>
#include <sstream>

#include <gtest/gtest.h>

namespace {

// A key's bytes with every bit turned, so that what is searched for is not itself found.
using Turned = std::array<std::uint8_t, crypto::Key::kBytes>;
Turned turned(const crypto::Key& key) {
    Turned out;
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(~key.view()[i]);
    return out;
}

__attribute__((no_sanitize("address"))) std::size_t copies_between(const std::uint8_t* from, const std::uint8_t* to, const Turned& key) {
    std::size_t found = 0;
    for (auto at = from; at + key.size() <= to; ++at) {
        std::size_t i = 0;
        while (i < key.size() && static_cast<std::uint8_t>(~at[i]) == key[i]) ++i;
        if (i == key.size()) ++found;
    }
    return found;
}

// Copies on the heap, in the program's own data and on this thread's stack.
std::size_t copies_in_memory(const Turned& key) {
    std::ifstream maps("/proc/self/maps");
    std::size_t found = 0;
    for (std::string line; std::getline(maps, line);) {
        const bool looked_at = line.find(" rw-p ") != std::string::npos &&
                               (line.find("[heap]") != std::string::npos || line.find("[stack]") != std::string::npos);
        std::uintptr_t from = 0, to = 0;
        if (!looked_at || std::sscanf(line.c_str(), "%zx-%zx", &from, &to) != 2) continue;
        found += copies_between(reinterpret_cast<const std::uint8_t*>(from), reinterpret_cast<const std::uint8_t*>(to), key);
    }
    return found;
}

class Wiping : public testing::Test {
  protected:
    void SetUp() override {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
        GTEST_SKIP() << "a sanitizer's allocator keeps its memory elsewhere; the dev and release presets run this";
#endif
    }
};

TEST_F(Wiping, TheSearchFindsAKeyThatLives) {
    const auto key = std::make_unique<crypto::Key>(crypto::random_key());
    EXPECT_GE(copies_in_memory(turned(*key)), 1u);
}

TEST_F(Wiping, KeyWipesItselfWhenItDiesAndWhenItMoves) {
    alignas(crypto::Key) std::array<std::uint8_t, sizeof(crypto::Key)> place{};
    auto* key = new (place.data()) crypto::Key(crypto::random_key());
    crypto::Key moved = std::move(*key);
    EXPECT_EQ(place, (std::array<std::uint8_t, sizeof(crypto::Key)>{}));
    *key = std::move(moved);
    EXPECT_NE(place, (std::array<std::uint8_t, sizeof(crypto::Key)>{}));
    key->~Key();
    EXPECT_EQ(place, (std::array<std::uint8_t, sizeof(crypto::Key)>{}));
}

TEST_F(Wiping, NothingOfAKeyStaysAfterItsUse) {
    Turned root, derived, unwrapped;
    {
        const auto key = std::make_unique<crypto::Key>(crypto::random_key());
        root = turned(*key);
        const auto record_key = std::make_unique<crypto::Key>(crypto::hkdf_sha256(*key, {}, "res|Patient|1"));
        derived = turned(*record_key);
        const auto sealed = crypto::seal(*record_key, base::as_bytes("text"), {});
        ASSERT_TRUE(crypto::open(*record_key, *sealed, {}));
        const auto other = std::make_unique<crypto::Key>(crypto::random_key());
        const auto back = crypto::unwrap_key(*key, *crypto::wrap_key(*key, *other));
        ASSERT_TRUE(back);
        unwrapped = turned(*other);
        ASSERT_EQ(turned(*back), unwrapped);
        crypto::ed25519_sign(*key, base::as_bytes("m"));
        crypto::hmac_sha256(key->view(), base::as_bytes("m"));
    }
    EXPECT_EQ(copies_in_memory(root), 0u);
    EXPECT_EQ(copies_in_memory(derived), 0u);
    EXPECT_EQ(copies_in_memory(unwrapped), 0u);
}

}  // namespace
