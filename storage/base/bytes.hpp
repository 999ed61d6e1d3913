// Bytes and how they are put in a row: views, digests, big-endian reader and writer, constant-time compare, wiping.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/error.hpp"

namespace base {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;
using Digest = std::array<std::uint8_t, 32>;

inline ByteView as_bytes(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }
inline std::string_view as_text(ByteView bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
inline Bytes to_bytes(ByteView view) { return Bytes(view.begin(), view.end()); }
inline Bytes to_bytes(std::string_view text) { return to_bytes(as_bytes(text)); }

// Equal length and content, in time that does not depend on where they differ.
bool equal_constant_time(ByteView a, ByteView b);

// Overwrites secrets in a way the compiler may not drop.
void wipe(std::span<std::uint8_t> secret);

// Appends fixed-width big-endian numbers and length-prefixed fields.
class Writer {
  public:
    Writer() = default;
    explicit Writer(Bytes begun) : out_(std::move(begun)) {}  // appends to what is there
    Writer& u8(std::uint8_t v);
    Writer& u16(std::uint16_t v);
    Writer& u32(std::uint32_t v);
    Writer& u64(std::uint64_t v);
    Writer& raw(ByteView v);
    Writer& sized(ByteView v);  // u32 length, then the bytes
    Writer& sized(std::string_view v) { return sized(as_bytes(v)); }
    const Bytes& bytes() const { return out_; }
    Bytes take() { return std::move(out_); }

  private:
    Bytes out_;
};

// Reads what Writer wrote. After the first short read every further call yields zeroes and ok() is false:
// read all fields, then check once with done().
class Reader {
  public:
    explicit Reader(ByteView in) : in_(in) {}
    std::uint8_t u8();
    std::uint16_t u16();
    std::uint32_t u32();
    std::uint64_t u64();
    ByteView raw(std::size_t n);
    ByteView sized();
    std::string text() { return std::string(as_text(sized())); }
    template <std::size_t N>
    std::array<std::uint8_t, N> array() {
        std::array<std::uint8_t, N> out{};
        const auto v = raw(N);
        if (v.size() == N) std::copy(v.begin(), v.end(), out.begin());
        return out;
    }
    bool ok() const { return ok_; }
    std::size_t left() const { return in_.size() - at_; }
    bool done() const { return ok_ && left() == 0; }

  private:
    ByteView in_;
    std::size_t at_ = 0;
    bool ok_ = true;
};

}  // namespace base
