// How the audit index packs what it keeps into blocks (FORMAT.md section 5). Pure: no file, no lock.
#pragma once

#include "anchoring/chain/frame.hpp"

#include <functional>

namespace chain {

// "This entry bears this token", in the order of a run: by token, then by entry.
struct Posting {
    std::uint64_t high = 0, low = 0;  // the token, big-endian
    std::uint64_t seq = 0;
    static Posting of(const Token& token, std::uint64_t seq);
    Token token() const;
    bool same_token(const Posting& other) const { return high == other.high && low == other.low; }
    auto operator<=>(const Posting&) const = default;
};

// In the order of a run. They come in the order of their entries; any other is right too, and slower.
void sort_postings(std::vector<Posting>& postings);

// The first posting of a block as the key it is found by: token | seq, so that keys sort as postings do.
using BlockKey = std::array<std::uint8_t, 24>;
BlockKey block_key(const Posting& posting);

// Cuts postings that come in order into blocks of about kBlockBytes.
class BlockBuilder {
  public:
    static constexpr std::size_t kBlockBytes = 900;  // a block and its key lie on one page of 4096 bytes, four to a page
    using Sink = std::function<base::Status(const BlockKey& key, base::ByteView block)>;
    explicit BlockBuilder(Sink sink) : sink_(std::move(sink)) {}
    base::Status add(const Posting& posting);
    base::Status finish();  // the last block

  private:
    Sink sink_;
    base::Bytes block_;
    BlockKey key_{};
    Posting last_;
};

// Reads a block from its beginning.
class BlockReader {
  public:
    explicit BlockReader(base::ByteView block) : in_(block) {}
    bool next(Posting& out);  // false: at the end, or at damage
    bool damaged() const { return damaged_; }
    bool at_first() const { return count_ == 1; }  // the posting given last is the block's first

  private:
    base::ByteView in_;
    std::size_t at_ = 0;
    Posting last_;
    std::size_t count_ = 0;
    bool damaged_ = false;
};

// What a search asks of an entry beside its tokens.
struct EventFacts {
    base::TimeUs recorded_us = 0;
    char action = 'R';
    std::uint8_t outcome = 0;
    proof::EntryKind kind = proof::EntryKind::event;
    std::uint32_t subtype = 0;  // a code of the file's table
    bool operator==(const EventFacts&) const = default;
};

base::Bytes encode_facts(std::span<const EventFacts> facts);
base::Result<std::vector<EventFacts>> decode_facts(base::ByteView block);  // Kind::corrupt

}  // namespace chain
