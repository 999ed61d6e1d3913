// RLP, the encoding of Ethereum's transactions (Yellow Paper, appendix B). Decoding is strict: one byte string has one
// encoding, so a transaction that was changed in its encoding alone does not decode.
#pragma once

#include "anchoring/ethereum/types.hpp"

#include <vector>

namespace ethereum {

// Writes items one after the other; take_list() puts the list's header in front, take() gives the items as they are.
class RlpWriter {
  public:
    RlpWriter& bytes(base::ByteView v);
    RlpWriter& number(const U256& v);      // big-endian without leading zeros; zero is the empty string
    RlpWriter& encoded(base::ByteView v);  // an item that is encoded already, for example a nested list
    base::Bytes take() { return std::move(out_); }
    base::Bytes take_list();

  private:
    base::Bytes out_;
};

// One decoded item: a view into the bytes it was decoded from.
struct RlpItem {
    bool is_list = false;
    base::ByteView payload;  // of a list: its encoded items
};

// Exactly one item that fills `data`. Error: Kind::invalid on a short, long or non-canonical encoding.
base::Result<RlpItem> rlp_decode(base::ByteView data);
// The items of a list, one level deep. Error: Kind::invalid when it is no list or an item is malformed.
base::Result<std::vector<RlpItem>> rlp_items(const RlpItem& list);
// A number without leading zeros. Error: Kind::invalid when it is a list, has leading zeros or is too wide.
base::Result<U256> rlp_u256(const RlpItem& item);
base::Result<std::uint64_t> rlp_u64(const RlpItem& item);

}  // namespace ethereum
