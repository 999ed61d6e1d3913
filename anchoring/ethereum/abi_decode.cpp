#include "anchoring/ethereum/abi.hpp"

#include <algorithm>
#include <charconv>
#include <numeric>

namespace ethereum {
namespace {

using base::fail;
using base::Kind;

// A parsed type. A word's width in bits says which leading bits must be zero: 160 for an address, 1 for a bool, 256 for bytes32.
struct Type {
    AbiValue::Shape shape = AbiValue::Shape::word;
    unsigned bits = 256;
    std::vector<Type> parts;  // of a tuple; the one element type of an array
};

bool is_dynamic(const Type& type) {
    if (type.shape == AbiValue::Shape::word) return false;
    if (type.shape != AbiValue::Shape::tuple) return true;
    return std::any_of(type.parts.begin(), type.parts.end(), is_dynamic);
}

// What the type takes in the heads of what holds it.
std::size_t head_size(const Type& type) {
    if (type.shape != AbiValue::Shape::tuple || is_dynamic(type)) return 32;
    return std::accumulate(type.parts.begin(), type.parts.end(), std::size_t{0},
                           [](std::size_t sum, const Type& part) { return sum + head_size(part); });
}

Type word_type(std::string_view name) {
    if (name == "address") return {AbiValue::Shape::word, 160, {}};
    if (name == "bool") return {AbiValue::Shape::word, 1, {}};
    if (name == "bytes32") return {AbiValue::Shape::word, 256, {}};
    if (name == "bytes") return {AbiValue::Shape::bytes, 0, {}};
    CHECK(name.starts_with("uint"));
    unsigned bits = 0;
    std::from_chars(name.data() + 4, name.data() + name.size(), bits);
    CHECK(bits >= 8 && bits <= 256 && bits % 8 == 0);
    return {AbiValue::Shape::word, bits, {}};
}

// Recursive descent over the program's own type texts.
Type parse_type(std::string_view& text) {
    Type out;
    if (text.starts_with('(')) {
        out.shape = AbiValue::Shape::tuple;
        do {
            text.remove_prefix(1);
            if (!text.starts_with(')')) out.parts.push_back(parse_type(text));
        } while (text.starts_with(','));
        CHECK(text.starts_with(')'));
        text.remove_prefix(1);
    } else {
        const auto end = std::min(text.find_first_of("[,)"), text.size());
        out = word_type(text.substr(0, end));
        text.remove_prefix(end);
    }
    while (text.starts_with("[]")) {
        out = {AbiValue::Shape::array, 0, {std::move(out)}};
        text.remove_prefix(2);
    }
    return out;
}

base::Result<U256> word_at(base::ByteView data, std::size_t at, unsigned bits) {
    if (at > data.size() || data.size() - at < 32) return fail(Kind::invalid, "ABI data ends inside a word");
    U256 word;
    std::copy_n(data.begin() + static_cast<std::ptrdiff_t>(at), 32, word.bytes.begin());
    for (unsigned bit = 0; bit < 256 - bits; ++bit) {
        if (word.bytes[bit / 8] & (0x80u >> (bit % 8))) return fail(Kind::invalid, "ABI value wider than its type");
    }
    return word;
}

// A value and how many bytes of the data it took.
struct Taken {
    AbiValue value;
    std::size_t size = 0;
};

base::Result<Taken> decode_one(const Type& type, base::ByteView data);

// Values laid out as a tuple at the front of `data`: heads, then the tails in the same order without gaps.
base::Result<Taken> decode_sequence(const std::vector<const Type*>& types, base::ByteView data) {
    std::size_t tail = 0, head = 0;
    for (const auto* type : types) tail += head_size(*type);
    if (tail > data.size()) return fail(Kind::invalid, "ABI data shorter than its heads");
    AbiValue out = AbiValue::tuple({});
    for (const auto* type : types) {
        auto at = head;
        if (is_dynamic(*type)) {
            const auto offset = word_at(data, head, 64);
            if (!offset) return base::pass(offset);
            if (offset->to_u64() != tail) return fail(Kind::invalid, "ABI offset that is not canonical");
            at = tail;
        }
        auto part = decode_one(*type, data.subspan(at));
        if (!part) return part;
        if (is_dynamic(*type)) tail += part->size;
        head += head_size(*type);
        out.items.push_back(std::move(part->value));
    }
    return Taken{std::move(out), tail};
}

base::Result<Taken> decode_bytes(base::ByteView data) {
    const auto length_word = word_at(data, 0, 32);
    if (!length_word) return base::pass(length_word);
    const std::size_t length = *length_word->to_u64();
    const auto padded = (length + 31) / 32 * 32;
    if (padded > data.size() - 32) return fail(Kind::invalid, "ABI bytes longer than the data");
    const auto padding = data.subspan(32 + length, padded - length);
    if (std::any_of(padding.begin(), padding.end(), [](std::uint8_t b) { return b != 0; }))
        return fail(Kind::invalid, "ABI padding that is not zero");
    return Taken{AbiValue::of(data.subspan(32, length)), 32 + padded};
}

base::Result<Taken> decode_array(const Type& element, base::ByteView data) {
    const auto count_word = word_at(data, 0, 32);
    if (!count_word) return base::pass(count_word);
    const std::size_t count = *count_word->to_u64();
    // Before anything is allocated: each element needs its head. An empty tuple, which would need none, is no type of ours.
    if (count > (data.size() - 32) / head_size(element)) return fail(Kind::invalid, "ABI array longer than the data");
    auto items = decode_sequence(std::vector<const Type*>(count, &element), data.subspan(32));
    if (!items) return items;
    items->value.shape = AbiValue::Shape::array;
    items->size += 32;
    return items;
}

base::Result<Taken> decode_one(const Type& type, base::ByteView data) {
    switch (type.shape) {
        case AbiValue::Shape::bytes:
            return decode_bytes(data);
        case AbiValue::Shape::array:
            return decode_array(type.parts.front(), data);
        case AbiValue::Shape::tuple: {
            std::vector<const Type*> parts;
            for (const auto& part : type.parts) parts.push_back(&part);
            return decode_sequence(parts, data);
        }
        case AbiValue::Shape::word:
            break;
    }
    const auto word = word_at(data, 0, type.bits);
    if (!word) return base::pass(word);
    return Taken{AbiValue::of(*word), 32};
}

}  // namespace

base::Result<std::vector<AbiValue>> abi_decode(std::string_view types, base::ByteView data) {
    auto rest = types;
    const auto type = parse_type(rest);
    CHECK(rest.empty() && type.shape == AbiValue::Shape::tuple);
    auto out = decode_one(type, data);
    if (!out) return base::pass(out);
    if (out->size != data.size()) return fail(Kind::invalid, "bytes after the ABI data");
    return std::move(out->value.items);
}

}  // namespace ethereum
