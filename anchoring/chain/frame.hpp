// The frames of the log (FORMAT.md section 2). A frame is sealed with its place as associated data: a frame that was moved, swapped or
// replayed does not open.
#pragma once

#include "anchoring/proof/entry.hpp"
#include "storage/crypto/aead.hpp"
#include "storage/crypto/secret.hpp"
#include "storage/store/key_ring.hpp"

#include <compare>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

namespace chain {

// Keyed hash of something an event can be found by; never the thing itself.
using Token = std::array<std::uint8_t, 16>;

struct TokenHash {
    std::size_t operator()(const Token& t) const {
        std::size_t out = 0;  // tokens are keyed hashes: any part is as good as a hash
        std::memcpy(&out, t.data(), sizeof out);
        return out;
    }
};

struct Place {
    std::uint32_t segment = 0;
    std::uint32_t offset = 0;
    std::uint64_t packed() const { return std::uint64_t{segment} << 32 | offset; }
    static Place unpack(std::uint64_t v) { return {static_cast<std::uint32_t>(v >> 32), static_cast<std::uint32_t>(v)}; }
    auto operator<=>(const Place&) const = default;
};

enum class FrameType : std::uint8_t { entry = 1, group = 2 };             // DO NOT CHANGE: stored
enum class SealedBy : std::uint8_t { log = 0, tenant = 1, patient = 2 };  // DO NOT CHANGE: stored
enum class Packing : std::uint8_t { raw = 0, audit_event_1 = 1, audit_event_2 = 2 };  // DO NOT CHANGE: stored

// What an event is found by, as the log and its index keep it.
struct IndexRow {
    std::uint64_t seq = 0;
    base::TimeUs recorded_us = 0;
    proof::EntryKind kind = proof::EntryKind::event;
    char action = 'R';
    std::uint8_t outcome = 0;
    std::string subtype;
    Token id{};
    std::vector<Token> tokens;  // of patients, agents and entities, each in its own domain
};

// The content of an entry frame.
struct EntryFrame {
    proof::Entry entry;
    std::string id;  // AuditEvent.id
    IndexRow row;    // row.seq and row.kind follow the entry
    SealedBy sealed_by = SealedBy::log;
    store::KeyId key_id{};  // of the patient's audit key
    Packing packing = Packing::raw;
    base::Bytes content;  // sealed unless sealed_by is log: salt 32 || packed bytes

    // All but the entry, which only the log's thread can make: what the calling thread prepares.
    base::Bytes encode_tail() const;
    // Appends the same as far as the content's length; `size` bytes of content are to follow.
    void begin_tail(base::Bytes& out, std::size_t size) const;
    static base::Result<EntryFrame> decode(base::ByteView body);  // Kind::corrupt
};

// Ends each group: without it the group was never acknowledged.
struct GroupMark {
    static constexpr std::size_t kBytes = 8 + 4 + 4 + 32;
    std::uint64_t first_seq = 0;
    std::uint32_t count = 0;
    std::uint32_t offset = 0;  // of the group's first frame
    proof::Digest last{};      // hash of its last entry
    base::Bytes encode() const;
    static base::Result<GroupMark> decode(base::ByteView body);  // Kind::corrupt
};

constexpr std::size_t kFrameHeaderBytes = 5;  // u32 length of what follows the type, u8 type
constexpr std::size_t kFrameOverhead = kFrameHeaderBytes + 12 + 16;
constexpr std::size_t kMarkFrameBytes = kFrameOverhead + GroupMark::kBytes;
constexpr std::size_t kMaxFrameBytes = 64u << 20;

// Appends the frame to `out`. `body` may come in two parts. Error: Kind::fault from the cipher.
base::Status seal_frame(crypto::SealingKey& key, FrameType type, Place place, std::initializer_list<base::ByteView> body, base::Bytes& out);
// Kind::corrupt when it does not open at this place.
base::Result<base::Bytes> open_frame(const crypto::Key& key, FrameType type, Place place, base::ByteView sealed);

}  // namespace chain
