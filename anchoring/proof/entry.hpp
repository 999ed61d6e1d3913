// One line of the audit chain, 82 bytes, big-endian: version u8 | seq u64 | time_us i64 | kind u8 | prevEntryHash 32 | commit 32.
// anchoring/FORMAT.md section 1. Salt and event stand outside the entry, so that erasing them leaves every proof valid.
#pragma once

#include "anchoring/proof/merkle.hpp"
#include "storage/base/clock.hpp"

#include <array>
#include <cstdint>

namespace proof {

enum class EntryKind : std::uint8_t {  // DO NOT CHANGE: hashed and stored
    event = 1,                         // commit = HMAC-SHA-256(salt, AuditEvent bytes as served: canonical JSON)
    write_set = 2,                     // commit = HMAC-SHA-256(salt, WriteSet bytes): what a unit of work wrote, by opaque record id
};

struct Entry {
    static constexpr std::size_t kBytes = 82;
    std::uint64_t seq = 0;  // from 0, no gaps: the leaf index
    base::TimeUs time_us = 0;
    EntryKind kind = EntryKind::event;
    Digest previous{};  // SHA-256 of the previous entry's bytes; all zero before the first
    Digest commit{};

    std::array<std::uint8_t, kBytes> encode() const;
    static base::Result<Entry> decode(base::ByteView bytes);  // Kind::invalid
    Digest hash() const;                                      // SHA-256(encode()): the next entry's `previous`
};

using Salt = std::array<std::uint8_t, 32>;
Digest commit_of(const Salt& salt, base::ByteView content);

// What one unit of work wrote: for each version, in order, record id (16), seq u64, version u32, deleted u8, ciphertext hash (32).
struct Written {
    std::array<std::uint8_t, 16> record{};
    std::uint64_t seq = 0;
    std::uint32_t version = 0;
    bool deleted = false;
    Digest ciphertext_hash{};
};
base::Bytes encode_write_set(std::span<const Written> written);
base::Result<std::vector<Written>> decode_write_set(base::ByteView bytes);

}  // namespace proof
