#include "anchoring/chain/frame.hpp"

#include "storage/crypto/aead.hpp"

namespace chain {
namespace {

constexpr std::string_view kFrameLabel = "kedge log frame 1";

std::array<std::uint8_t, kFrameLabel.size() + 13> frame_associated(FrameType type, Place place, std::size_t length) {
    std::array<std::uint8_t, kFrameLabel.size() + 13> out{};
    auto* at = std::copy(kFrameLabel.begin(), kFrameLabel.end(), out.begin());
    *at++ = static_cast<std::uint8_t>(type);
    for (const auto number : {static_cast<std::uint32_t>(length), place.segment, place.offset}) {
        for (int shift = 24; shift >= 0; shift -= 8) *at++ = static_cast<std::uint8_t>(number >> shift);
    }
    return out;
}

}  // namespace

void EntryFrame::begin_tail(base::Bytes& tail, std::size_t size) const {
    CHECK(row.tokens.size() <= 0xffff);
    base::Writer out(std::move(tail));
    out.sized(id)
        .u64(static_cast<std::uint64_t>(row.recorded_us))
        .u8(static_cast<std::uint8_t>(row.action))
        .u8(row.outcome)
        .sized(row.subtype);
    out.raw(row.id).u16(static_cast<std::uint16_t>(row.tokens.size()));
    for (const auto& token : row.tokens) out.raw(token);
    out.u8(static_cast<std::uint8_t>(sealed_by));
    if (sealed_by == SealedBy::patient) out.raw(key_id);
    out.u8(static_cast<std::uint8_t>(packing)).u32(static_cast<std::uint32_t>(size));
    tail = out.take();
}

base::Bytes EntryFrame::encode_tail() const {
    base::Bytes out;
    begin_tail(out, content.size());
    out.insert(out.end(), content.begin(), content.end());
    return out;
}

base::Result<EntryFrame> EntryFrame::decode(base::ByteView body) {
    base::Reader in(body);
    EntryFrame out;
    const auto entry = proof::Entry::decode(in.raw(proof::Entry::kBytes));
    if (!entry) return base::fail(base::Kind::corrupt, "a frame of the audit log holds no entry");
    out.entry = *entry;
    out.id = in.text();
    out.row.recorded_us = static_cast<base::TimeUs>(in.u64());
    out.row.action = static_cast<char>(in.u8());
    out.row.outcome = in.u8();
    out.row.subtype = in.text();
    out.row.id = in.array<16>();
    const std::size_t count = in.u16();
    if (count * sizeof(Token) > in.left()) return base::fail(base::Kind::corrupt, "a frame of the audit log is cut short");
    out.row.tokens.resize(count);
    for (auto& token : out.row.tokens) token = in.array<16>();
    out.row.seq = out.entry.seq;
    out.row.kind = out.entry.kind;
    const auto by = in.u8();
    out.sealed_by = static_cast<SealedBy>(by);
    if (out.sealed_by == SealedBy::patient) out.key_id = in.array<16>();
    const auto packing = in.u8();
    out.packing = static_cast<Packing>(packing);
    out.content = base::to_bytes(in.sized());
    if (!in.done() || by > 2 || packing > 2)
        return base::fail(base::Kind::corrupt, "a frame of the audit log has a field that is not known here");
    return out;
}

base::Bytes GroupMark::encode() const {
    return base::Writer().u64(first_seq).u32(count).u32(offset).raw(last).take();
}

base::Result<GroupMark> GroupMark::decode(base::ByteView body) {
    base::Reader in(body);
    GroupMark out;
    out.first_seq = in.u64();
    out.count = in.u32();
    out.offset = in.u32();
    out.last = in.array<32>();
    if (!in.done()) return base::fail(base::Kind::corrupt, "a group mark of the audit log has a wrong length");
    return out;
}

base::Status seal_frame(crypto::SealingKey& key, FrameType type, Place place, std::initializer_list<base::ByteView> body,
                        base::Bytes& out) {
    auto length = crypto::kNonceBytes + crypto::kTagBytes;
    for (const auto part : body) length += part.size();
    const auto n = static_cast<std::uint32_t>(length);
    for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(n >> shift));
    out.push_back(static_cast<std::uint8_t>(type));
    return key.seal_onto(out, body, frame_associated(type, place, length));
}

base::Result<base::Bytes> open_frame(const crypto::Key& key, FrameType type, Place place, base::ByteView sealed) {
    return crypto::open(key, sealed, frame_associated(type, place, sealed.size()));
}

}  // namespace chain
