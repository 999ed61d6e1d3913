#include "anchoring/proof/entry.hpp"

#include "storage/crypto/hash.hpp"

#include <algorithm>

namespace proof {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kWrittenBytes = 16 + 8 + 4 + 1 + 32;

void put_u64(std::uint8_t* out, std::uint64_t v) {
    for (int i = 7; i >= 0; --i, v >>= 8) out[i] = static_cast<std::uint8_t>(v);
}

}  // namespace

std::array<std::uint8_t, Entry::kBytes> Entry::encode() const {
    std::array<std::uint8_t, kBytes> out{};
    out[0] = kVersion;
    put_u64(&out[1], seq);
    put_u64(&out[9], static_cast<std::uint64_t>(time_us));
    out[17] = static_cast<std::uint8_t>(kind);
    std::copy(previous.begin(), previous.end(), out.begin() + 18);
    std::copy(commit.begin(), commit.end(), out.begin() + 50);
    return out;
}

base::Result<Entry> Entry::decode(base::ByteView bytes) {
    if (bytes.size() != kBytes)
        return base::fail(base::Kind::invalid, "an audit entry has 82 bytes, this one " + std::to_string(bytes.size()));
    base::Reader in(bytes);
    if (in.u8() != kVersion) return base::fail(base::Kind::invalid, "an audit entry of a version that is not known here");
    Entry out;
    out.seq = in.u64();
    out.time_us = static_cast<base::TimeUs>(in.u64());
    const auto kind = in.u8();
    if (kind != 1 && kind != 2) return base::fail(base::Kind::invalid, "an audit entry of a kind that is not known here");
    out.kind = static_cast<EntryKind>(kind);
    out.previous = in.array<32>();
    out.commit = in.array<32>();
    return out;
}

Digest Entry::hash() const {
    return crypto::sha256(encode());
}

Digest commit_of(const Salt& salt, base::ByteView content) {
    return crypto::hmac_sha256(salt, content);
}

base::Bytes encode_write_set(std::span<const Written> written) {
    base::Writer out;
    out.u8(kVersion);
    for (const auto& w : written) out.raw(w.record).u64(w.seq).u32(w.version).u8(w.deleted ? 1 : 0).raw(w.ciphertext_hash);
    return out.take();
}

base::Result<std::vector<Written>> decode_write_set(base::ByteView bytes) {
    base::Reader in(bytes);
    if (in.u8() != kVersion || in.left() % kWrittenBytes != 0) return base::fail(base::Kind::invalid, "these bytes are no write set");
    std::vector<Written> out(in.left() / kWrittenBytes);
    for (auto& w : out) {
        w.record = in.array<16>();
        w.seq = in.u64();
        w.version = in.u32();
        const auto deleted = in.u8();
        if (deleted > 1) return base::fail(base::Kind::invalid, "a write set with a mark that is neither 0 nor 1");
        w.deleted = deleted == 1;
        w.ciphertext_hash = in.array<32>();
    }
    return out;
}

}  // namespace proof
