#include "storage/base/bytes.hpp"

#include <cstring>

namespace base {

bool equal_constant_time(ByteView a, ByteView b) {
    if (a.size() != b.size()) return false;
    std::uint8_t difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i) difference |= static_cast<std::uint8_t>(a[i] ^ b[i]);
    return difference == 0;
}

void wipe(std::span<std::uint8_t> secret) {
    explicit_bzero(secret.data(), secret.size());
}

Writer& Writer::u8(std::uint8_t v) {
    out_.push_back(v);
    return *this;
}
Writer& Writer::u16(std::uint16_t v) {
    return u8(static_cast<std::uint8_t>(v >> 8)).u8(static_cast<std::uint8_t>(v));
}
Writer& Writer::u32(std::uint32_t v) {
    return u16(static_cast<std::uint16_t>(v >> 16)).u16(static_cast<std::uint16_t>(v));
}
Writer& Writer::u64(std::uint64_t v) {
    return u32(static_cast<std::uint32_t>(v >> 32)).u32(static_cast<std::uint32_t>(v));
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
    const auto v = raw(1);
    return v.empty() ? std::uint8_t{0} : v[0];
}
std::uint16_t Reader::u16() {
    const auto v = raw(2);
    return v.empty() ? std::uint16_t{0} : static_cast<std::uint16_t>(v[0] << 8 | v[1]);
}
std::uint32_t Reader::u32() {
    const std::uint32_t high = u16();
    return high << 16 | u16();
}
std::uint64_t Reader::u64() {
    const std::uint64_t high = u32();
    return high << 32 | u32();
}
ByteView Reader::sized() {
    const auto n = u32();
    return raw(n);
}

}  // namespace base
