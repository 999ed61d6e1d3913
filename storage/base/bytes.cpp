#include "storage/base/bytes.hpp"

#include <array>
#include <cstring>

namespace base {

bool equal_constant_time(ByteView a, ByteView b) {
    if (a.size() != b.size()) return false;
    std::uint8_t difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i) difference |= static_cast<std::uint8_t>(a[i] ^ b[i]);
    return difference == 0;
}

void wipe(std::span<std::uint8_t> secret) {
    if (secret.empty()) return;  // an empty span may be null, which explicit_bzero must not be given
    explicit_bzero(secret.data(), secret.size());
}

namespace {

template <class T>
void append_big_endian(Bytes& out, T v) {
    std::array<std::uint8_t, sizeof(T)> bytes;
    for (auto at = bytes.rbegin(); at != bytes.rend(); ++at, v = static_cast<T>(static_cast<std::uint64_t>(v) >> 8)) *at = static_cast<std::uint8_t>(v);
    out.insert(out.end(), bytes.begin(), bytes.end());
}
// Zero of an empty view: what a short read yields.
template <class T>
T from_big_endian(ByteView bytes) {
    T out = 0;
    for (const auto b : bytes) out = static_cast<T>(static_cast<std::uint64_t>(out) << 8 | b);
    return out;
}

}  // namespace

Writer& Writer::u8(std::uint8_t v) {
    out_.push_back(v);
    return *this;
}
Writer& Writer::u16(std::uint16_t v) {
    append_big_endian(out_, v);
    return *this;
}
Writer& Writer::u32(std::uint32_t v) {
    append_big_endian(out_, v);
    return *this;
}
Writer& Writer::u64(std::uint64_t v) {
    append_big_endian(out_, v);
    return *this;
}
Writer& Writer::raw(ByteView v) {
    out_.insert(out_.end(), v.begin(), v.end());
    return *this;
}
Writer& Writer::sized(ByteView v) {
    CHECK(v.size() <= 0xffffffffu);
    return u32(static_cast<std::uint32_t>(v.size())).raw(v);
}

ByteView Reader::raw(std::size_t n) {
    if (!ok_ || left() < n) {
        ok_ = false;
        return {};
    }
    const auto out = in_.subspan(at_, n);
    at_ += n;
    return out;
}
std::uint8_t Reader::u8() {
    return from_big_endian<std::uint8_t>(raw(1));
}
std::uint16_t Reader::u16() {
    return from_big_endian<std::uint16_t>(raw(2));
}
std::uint32_t Reader::u32() {
    return from_big_endian<std::uint32_t>(raw(4));
}
std::uint64_t Reader::u64() {
    return from_big_endian<std::uint64_t>(raw(8));
}
ByteView Reader::sized() {
    const auto n = u32();
    return raw(n);
}

}  // namespace base
