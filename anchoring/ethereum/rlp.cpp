#include "anchoring/ethereum/rlp.hpp"

#include <algorithm>

namespace ethereum {
namespace {

using base::fail;
using base::Kind;

constexpr std::uint8_t kString = 0x80;
constexpr std::uint8_t kList = 0xc0;
constexpr std::size_t kShort = 55;  // the longest payload whose length stands in the first byte

void write_header(base::Bytes& out, std::uint8_t base, std::size_t length) {
    if (length <= kShort) {
        out.push_back(static_cast<std::uint8_t>(base + length));
        return;
    }
    const U256 number(length);
    const auto digits = number.minimal();
    out.push_back(static_cast<std::uint8_t>(base + kShort + digits.size()));
    out.insert(out.end(), digits.begin(), digits.end());
}

// The length that stands in `digits`. Nothing when it has leading zeros, would fit the short form, or is absurd.
std::optional<std::size_t> long_length(base::ByteView digits) {
    if (digits.empty() || digits[0] == 0 || digits.size() > sizeof(std::size_t)) return std::nullopt;
    std::size_t length = 0;
    for (const auto d : digits) length = length << 8 | d;
    if (length <= kShort) return std::nullopt;
    return length;
}

// Takes the first item off the front of `rest`.
base::Result<RlpItem> take_item(base::ByteView& rest) {
    if (rest.empty()) return fail(Kind::invalid, "RLP ends where an item should begin");
    const auto first = rest[0];
    if (first < kString) {
        RlpItem item{false, rest.first(1)};
        rest = rest.subspan(1);
        return item;
    }
    const bool is_list = first >= kList;
    const std::size_t code = first - (is_list ? kList : kString);
    std::size_t header = 1, length = code;
    if (code > kShort) {
        const auto digits = code - kShort;
        if (rest.size() < 1 + digits) return fail(Kind::invalid, "RLP ends inside a length");
        const auto decoded = long_length(rest.subspan(1, digits));
        if (!decoded) return fail(Kind::invalid, "RLP length that is not written in its shortest form");
        header += digits;
        length = *decoded;
    }
    if (length > rest.size() - header) return fail(Kind::invalid, "RLP item longer than what holds it");
    RlpItem item{is_list, rest.subspan(header, length)};
    if (!is_list && length == 1 && item.payload[0] < kString) return fail(Kind::invalid, "RLP byte that is not written as itself");
    rest = rest.subspan(header + length);
    return item;
}

}  // namespace

RlpWriter& RlpWriter::bytes(base::ByteView v) {
    if (v.size() == 1 && v[0] < kString) {
        out_.push_back(v[0]);
        return *this;
    }
    write_header(out_, kString, v.size());
    return encoded(v);
}

RlpWriter& RlpWriter::number(const U256& v) {
    return bytes(v.minimal());
}

RlpWriter& RlpWriter::encoded(base::ByteView v) {
    out_.insert(out_.end(), v.begin(), v.end());
    return *this;
}

base::Bytes RlpWriter::take_list() {
    base::Bytes list;
    write_header(list, kList, out_.size());
    list.insert(list.end(), out_.begin(), out_.end());
    out_.clear();
    return list;
}

base::Result<RlpItem> rlp_decode(base::ByteView data) {
    auto item = take_item(data);
    if (item && !data.empty()) return fail(Kind::invalid, "bytes after the RLP item");
    return item;
}

base::Result<std::vector<RlpItem>> rlp_items(const RlpItem& list) {
    if (!list.is_list) return fail(Kind::invalid, "RLP string where a list is due");
    std::vector<RlpItem> out;
    for (auto rest = list.payload; !rest.empty();) {
        auto item = take_item(rest);
        if (!item) return base::pass(item);
        out.push_back(*item);
    }
    return out;
}

base::Result<U256> rlp_u256(const RlpItem& item) {
    if (item.is_list) return fail(Kind::invalid, "RLP list where a number is due");
    if (item.payload.size() > 32) return fail(Kind::invalid, "RLP number wider than 256 bits");
    if (!item.payload.empty() && item.payload[0] == 0) return fail(Kind::invalid, "RLP number with leading zeros");
    U256 out;
    std::copy_backward(item.payload.begin(), item.payload.end(), out.bytes.end());
    return out;
}

base::Result<std::uint64_t> rlp_u64(const RlpItem& item) {
    const auto wide = rlp_u256(item);
    if (!wide) return base::pass(wide);
    const auto out = wide->to_u64();
    if (!out) return fail(Kind::invalid, "RLP number wider than 64 bits");
    return *out;
}

}  // namespace ethereum
