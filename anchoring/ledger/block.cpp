#include "anchoring/ledger/block.hpp"

#include "anchoring/ethereum/keccak.hpp"

namespace ledger {
namespace {

constexpr std::uint8_t kVersion = 1;

base::Bytes encode_header(const BlockHeader& h) {
    base::Writer out;
    out.u8(kVersion).u64(h.chain_id).u64(h.number).raw(h.parent_hash).u64(h.time_s).raw(h.txns_hash).raw(h.receipts_hash);
    return out.take();
}

base::Bytes encode_receipts(const std::vector<Outcome>& receipts) {
    base::Writer out;
    for (const auto& r : receipts) {
        out.u8(r.reverted ? 1 : 0).sized(r.error).u32(static_cast<std::uint32_t>(r.events.size()));
        for (const auto& e : r.events) {
            out.raw(e.address.bytes).u8(static_cast<std::uint8_t>(e.topics.size()));
            for (const auto& topic : e.topics) out.raw(topic);
            out.sized(e.data);
        }
    }
    return out.take();
}

Event decode_event(base::Reader& in) {
    Event out;
    out.address.bytes = in.array<20>();
    for (auto n = in.u8(); n > 0 && in.ok(); --n) out.topics.push_back(in.array<32>());
    out.data = base::to_bytes(in.sized());
    return out;
}

// Counts are not trusted for allocation: reading stops where the bytes end.
std::vector<Outcome> decode_receipts(base::ByteView bytes, std::size_t count, bool& good) {
    base::Reader in(bytes);
    std::vector<Outcome> out;
    for (; count > 0 && in.ok(); --count) {
        Outcome r;
        r.reverted = in.u8() == 1;
        r.error = in.text();
        for (auto n = in.u32(); n > 0 && in.ok(); --n) r.events.push_back(decode_event(in));
        out.push_back(std::move(r));
    }
    good = in.done();
    return out;
}

Hash hash_of_transactions(const std::vector<base::Bytes>& transactions) {
    base::Writer hashes;
    for (const auto& raw : transactions) hashes.raw(ethereum::keccak256(raw));
    return ethereum::keccak256(hashes.bytes());
}

// Form alone. False when the bytes are no block.
bool decode(base::ByteView bytes, Block& out, Hash& receipts_hash) {
    base::Reader in(bytes);
    const auto version = in.u8();
    auto& h = out.header;
    h.chain_id = in.u64();
    h.number = in.u64();
    h.parent_hash = in.array<32>();
    h.time_s = in.u64();
    h.txns_hash = in.array<32>();
    h.receipts_hash = in.array<32>();
    const auto signature = ethereum::parse_signature(in.raw(65));
    for (auto n = in.u32(); n > 0 && in.ok(); --n) out.transactions.push_back(base::to_bytes(in.sized()));
    const auto receipts = in.sized();
    if (version != kVersion || !signature || !in.done()) return false;
    out.signature = *signature;
    receipts_hash = ethereum::keccak256(receipts);
    bool good = false;
    out.receipts = decode_receipts(receipts, out.transactions.size(), good);
    return good;
}

}  // namespace

Hash Block::hash() const {
    return ethereum::keccak256(encode_header(header));
}

BlockRef Block::ref() const {
    return {header.number, hash(), header.parent_hash, static_cast<base::TimeUs>(header.time_s) * 1'000'000};
}

void seal(Block& block, const ethereum::Signer& key) {
    block.header.txns_hash = hash_of_transactions(block.transactions);
    block.header.receipts_hash = ethereum::keccak256(encode_receipts(block.receipts));
    block.signature = key.sign(block.hash());
}

base::Bytes encode(const Block& block) {
    base::Writer out;
    out.raw(encode_header(block.header))
        .raw(ethereum::to_bytes(block.signature))
        .u32(static_cast<std::uint32_t>(block.transactions.size()));
    for (const auto& raw : block.transactions) out.sized(raw);
    return out.sized(encode_receipts(block.receipts)).take();
}

base::Result<Block> open_block(base::ByteView bytes, std::uint64_t number, std::uint64_t chain_id, const Address& signer) {
    const auto corrupt = [&](const char* what) {
        return base::fail(base::Kind::corrupt, "ledger block " + std::to_string(number) + ": " + what);
    };
    Block out;
    Hash receipts_hash{};
    if (!decode(bytes, out, receipts_hash)) return corrupt("malformed");
    if (out.header.number != number) return corrupt("it carries another number");
    if (out.header.chain_id != chain_id) return corrupt("it carries another chain id");
    if (out.header.txns_hash != hash_of_transactions(out.transactions)) return corrupt("its transactions are not those of its header");
    if (out.header.receipts_hash != receipts_hash) return corrupt("its receipts are not those of its header");
    const auto by = ethereum::recover(out.hash(), out.signature);
    if (!by || *by != signer) return corrupt("its signature is not by the ledger's key");
    return out;
}

}  // namespace ledger
