#include "anchoring/chain/index_codec.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>

namespace chain {
namespace {

constexpr std::uint8_t kNewToken = 0;  // a distance is never 0: the same entry bears a token once

void put_varint(base::Bytes& out, std::uint64_t v) {
    for (; v >= 0x80; v >>= 7) out.push_back(static_cast<std::uint8_t>(v | 0x80));
    out.push_back(static_cast<std::uint8_t>(v));
}

bool take_varint(base::ByteView in, std::size_t& at, std::uint64_t& out) {
    out = 0;
    for (unsigned shift = 0; shift < 64 && at < in.size(); shift += 7) {
        const auto byte = in[at++];
        out |= std::uint64_t{byte & 0x7fu} << shift;
        if (byte < 0x80) return true;
    }
    return false;
}

std::uint64_t zigzag(std::int64_t v) {
    return static_cast<std::uint64_t>(v) << 1 ^ static_cast<std::uint64_t>(v >> 63);
}
std::int64_t unzigzag(std::uint64_t v) {
    return static_cast<std::int64_t>(v >> 1 ^ (~(v & 1) + 1));
}

std::uint64_t load(const std::uint8_t* p) {
    std::uint64_t out = 0;
    for (int i = 0; i < 8; ++i) out = out << 8 | p[i];
    return out;
}
void store(std::uint64_t v, std::uint8_t* p) {
    for (int i = 7; i >= 0; --i, v >>= 8) p[i] = static_cast<std::uint8_t>(v);
}

}  // namespace

Posting Posting::of(const Token& token, std::uint64_t seq) {
    return {load(token.data()), load(token.data() + 8), seq};
}

Token Posting::token() const {
    Token out;
    store(high, out.data());
    store(low, out.data() + 8);
    return out;
}

BlockKey block_key(const Posting& posting) {
    BlockKey out;
    store(posting.high, out.data());
    store(posting.low, out.data() + 8);
    store(posting.seq, out.data() + 16);
    return out;
}

base::Status BlockBuilder::add(const Posting& posting) {
    if (block_.size() >= kBlockBytes) {
        if (auto ok = finish(); !ok) return ok;
    }
    if (!block_.empty() && posting.same_token(last_)) {
        CHECK(posting.seq > last_.seq);
        put_varint(block_, posting.seq - last_.seq);
    } else {
        if (block_.empty()) key_ = block_key(posting);
        block_.push_back(kNewToken);
        const auto token = posting.token();
        block_.insert(block_.end(), token.begin(), token.end());
        put_varint(block_, posting.seq);
    }
    last_ = posting;
    return {};
}

base::Status BlockBuilder::finish() {
    if (block_.empty()) return {};
    auto ok = sink_(key_, block_);
    block_.clear();
    return ok;
}

bool BlockReader::next(Posting& out) {
    if (at_ == in_.size() || damaged_) return false;
    std::uint64_t number = 0;
    damaged_ = true;  // until shown otherwise
    if (!take_varint(in_, at_, number)) return false;
    if (number == kNewToken) {
        if (in_.size() - at_ < sizeof(Token)) return false;
        last_.high = load(in_.data() + at_);
        last_.low = load(in_.data() + at_ + 8);
        at_ += sizeof(Token);
        if (!take_varint(in_, at_, last_.seq)) return false;
    } else {
        if (count_ == 0) return false;
        last_.seq += number;
    }
    damaged_ = false;
    ++count_;
    out = last_;
    return true;
}

base::Bytes encode_facts(std::span<const EventFacts> facts) {
    base::Bytes out;
    out.reserve(facts.size() * 8);
    base::TimeUs before = 0;
    for (const auto& one : facts) {
        put_varint(out, zigzag(one.recorded_us - before));
        before = one.recorded_us;
        out.push_back(static_cast<std::uint8_t>(one.action));
        out.push_back(one.outcome);
        out.push_back(static_cast<std::uint8_t>(one.kind));
        put_varint(out, one.subtype);
    }
    return out;
}

base::Result<std::vector<EventFacts>> decode_facts(base::ByteView block) {
    const auto damaged = [] { return base::fail(base::Kind::corrupt, "a block of the audit index cannot be read"); };
    std::vector<EventFacts> out;
    base::TimeUs before = 0;
    for (std::size_t at = 0; at < block.size();) {
        std::uint64_t distance = 0, subtype = 0;
        if (!take_varint(block, at, distance) || block.size() - at < 4) return damaged();
        EventFacts one;
        before += unzigzag(distance);
        one.recorded_us = before;
        one.action = static_cast<char>(block[at++]);
        one.outcome = block[at++];
        one.kind = static_cast<proof::EntryKind>(block[at++]);
        if (!take_varint(block, at, subtype) || subtype > std::numeric_limits<std::uint32_t>::max()) return damaged();
        one.subtype = static_cast<std::uint32_t>(subtype);
        out.push_back(one);
    }
    return out;
}

// By the tokens' first 44 bits, eleven at a time and the last ones first; postings come in the order of their entries, and each pass keeps
// the order that it finds. Tokens are keyed hashes, so two that agree so far are rare, and the rest is looked after by comparing.
void sort_postings(std::vector<Posting>& postings) {
    constexpr int kBits = 11, kPasses = 4;
    std::vector<Posting> sorted(postings.size());
    for (int shift = 64 - kPasses * kBits; shift < 64; shift += kBits) {
        const auto part = [&](const Posting& p) { return p.high >> shift & ((1u << kBits) - 1); };
        std::array<std::size_t, 1u << kBits> at{};
        for (const auto& posting : postings) ++at[part(posting)];
        std::exclusive_scan(at.begin(), at.end(), at.begin(), std::size_t{0});
        for (const auto& posting : postings) sorted[at[part(posting)]++] = posting;
        postings.swap(sorted);
    }
    if (!std::is_sorted(postings.begin(), postings.end())) std::sort(postings.begin(), postings.end());
}

}  // namespace chain
