// No copy of a key outlives it: this looks through the process's own memory.
#include "storage/crypto/aead.hpp"
#include "storage/crypto/ed25519.hpp"
#include "storage/crypto/hash.hpp"
#include "storage/crypto/key_wrap.hpp"
#include "storage/crypto/random.hpp"

#include <cstdio>
#include <cstring>
#include <fstream>
#include <memory>
#include <new>
#include <vector>

#include <gtest/gtest.h>
#include <pthread.h>

namespace {

// A key's bytes with every bit turned, so that what is searched for is not itself found.
using Turned = std::array<std::uint8_t, crypto::Key::kBytes>;
Turned turned(const crypto::Key& key) {
    Turned out;
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(~key.view()[i]);
    return out;
}

bool is_copy(const std::uint8_t* at, const Turned& key, std::size_t swap) {
    for (std::size_t i = 0; i < key.size(); ++i) {
        if (static_cast<std::uint8_t>(~at[i ^ swap]) != key[i]) return false;
    }
    return true;
}
// As bytes, and as SHA-256 holds them: in words of this (little-endian) machine.
std::size_t copies_between(const std::uint8_t* from, const std::uint8_t* to, const Turned& key) {
    std::size_t found = 0;
    for (auto at = from; at + key.size() <= to; ++at) found += is_copy(at, key, 0) || is_copy(at, key, 3) ? 1 : 0;
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

// Looked at at once: whatever is hashed next would cover the traces.
TEST_F(Wiping, NothingOfADerivedKeyStaysInTheDigestContext) {
    const auto root = crypto::random_key();
    Turned derived;
    {
        const auto key = std::make_unique<crypto::Key>(crypto::hkdf_sha256(root, {}, "res|Patient|1"));
        derived = turned(*key);
    }
    EXPECT_EQ(copies_in_memory(derived), 0u);
}

// Runs on a stack of our own, which nobody writes to between the work and the search. Runs twice, and the second time counts: the first
// call through a lazily bound symbol makes the dynamic linker save the vector registers, with what a copy left in them, on the stack.
template <class Work>
std::vector<std::uint8_t> stack_after_one(Work& work) {
    std::vector<std::uint8_t> stack((1u << 20) + 4096);
    auto* aligned = reinterpret_cast<std::uint8_t*>((reinterpret_cast<std::uintptr_t>(stack.data()) + 4095) & ~std::uintptr_t{4095});
    pthread_attr_t attributes;
    pthread_t thread;
    CHECK(pthread_attr_init(&attributes) == 0 && pthread_attr_setstack(&attributes, aligned, 1u << 20) == 0);
    const auto run = [](void* argument) -> void* {
        (*static_cast<Work*>(argument))();
        return nullptr;
    };
    CHECK(pthread_create(&thread, &attributes, run, &work) == 0 && pthread_join(thread, nullptr) == 0);
    pthread_attr_destroy(&attributes);
    return stack;
}

template <class Work>
std::vector<std::uint8_t> stack_after(Work work) {
    stack_after_one(work);
    return stack_after_one(work);
}
std::size_t copies_on(const std::vector<std::uint8_t>& stack, const crypto::Key& key) {
    return copies_between(stack.data(), stack.data() + stack.size(), turned(key));
}

// Calls with room above, so that what its caller does next does not write over the traces.
template <class Work>
__attribute__((noinline)) auto deep(Work work) {
    std::array<std::uint8_t, 16'384> room;
    asm volatile("" : : "r"(room.data()) : "memory");  // someone else may know the address: no tail call that would give the room back
    return work();
}

const base::Bytes kLong(4096);  // short texts are sealed by another library

// One step at a time, for the same reason.
TEST_F(Wiping, NothingOfAKeyStaysOnTheStack) {
    const auto root = crypto::random_key();
    const auto wrapped = *crypto::wrap_key(root, crypto::random_key());
    crypto::Key made;
    const auto derive = [&] { made = deep([&] { return crypto::hkdf_sha256(root, {}, "res|Patient|1"); }); };
    EXPECT_EQ(copies_on(stack_after(derive), made), 0u);
    const auto unwrap = [&] { made = *deep([&] { return crypto::unwrap_key(root, wrapped); }); };
    EXPECT_EQ(copies_on(stack_after(unwrap), made), 0u);
    const auto draw = [&] { made = deep([] { return crypto::random_key(); }); };
    EXPECT_EQ(copies_on(stack_after(draw), made), 0u);
    const auto used_by = [&](auto work) { return copies_on(stack_after([&] { deep(work); }), root); };
    EXPECT_EQ(used_by([&] { return crypto::seal(root, {}, {}).has_value(); }), 0u);
    EXPECT_EQ(used_by([&] { return crypto::seal(root, kLong, {}).has_value(); }), 0u);
    EXPECT_EQ(used_by([&] { return crypto::ed25519_sign(root, {})[0]; }), 0u);
    EXPECT_EQ(used_by([&] { return crypto::hmac_sha256(root.view(), {})[0]; }), 0u);
    EXPECT_EQ(used_by([&] { return crypto::wrap_key(root, root).has_value(); }), 0u);
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
        ASSERT_TRUE(crypto::seal(*record_key, kLong, {}));
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
