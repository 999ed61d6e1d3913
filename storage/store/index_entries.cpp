#include "storage/store/index_entries.hpp"

namespace store {
namespace {

// LEB128: seven bits a byte, the low ones first, the top bit says that more follow.
void append_number(std::string& out, std::uint64_t number) {
    while (number >= 0x80) {
        out.push_back(static_cast<char>(number | 0x80));
        number >>= 7;
    }
    out.push_back(static_cast<char>(number));
}

// Small negative numbers stay short: 0, -1, 1, -2, 2 ...
std::uint64_t zigzag(std::int64_t number) {
    return static_cast<std::uint64_t>(number) << 1 ^ static_cast<std::uint64_t>(number >> 63);
}
std::int64_t from_zigzag(std::uint64_t number) {
    return static_cast<std::int64_t>(number >> 1) ^ -static_cast<std::int64_t>(number & 1);
}

}  // namespace

void append_term(std::string& out, const StoredTerm& term) {
    append_number(out, static_cast<std::uint64_t>(term.param) << 2 | static_cast<std::uint64_t>(term.shape));
    append_number(out, static_cast<std::uint64_t>(term.system));
    append_number(out, term.value.size());
    out += term.value;
    if (term.shape == Shape::range) {
        append_number(out, zigzag(term.low));
        append_number(out, zigzag(term.high));
    }
}

std::uint64_t TermWalk::number() {
    std::uint64_t out = 0;
    for (int shift = 0; shift < 64; shift += 7) {
        if (at_ == end_) break;
        const auto byte = *at_++;
        out |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
        if ((byte & 0x80) == 0) return out;
    }
    malformed_ = true;
    return 0;
}

bool TermWalk::next(StoredTerm& term) {
    if (at_ == end_ || malformed_) return false;
    const auto head = number();
    term.param = static_cast<std::int64_t>(head >> 2);
    term.shape = static_cast<Shape>(head & 3);
    term.system = static_cast<std::int64_t>(number());
    const auto length = number();
    if (malformed_ || term.shape > Shape::range || length > static_cast<std::uint64_t>(end_ - at_)) {
        malformed_ = true;
        return false;
    }
    term.value = {reinterpret_cast<const char*>(at_), static_cast<std::size_t>(length)};
    at_ += length;
    if (term.shape == Shape::range) {
        term.low = from_zigzag(number());
        term.high = from_zigzag(number());
    }
    return !malformed_;
}

}  // namespace store
