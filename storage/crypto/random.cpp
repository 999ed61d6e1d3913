#include "storage/crypto/random.hpp"

#include "storage/base/encoding.hpp"

#include <algorithm>

#include <openssl/rand.h>

namespace crypto {

void random_fill(std::span<std::uint8_t> out) {
    while (!out.empty()) {
        const auto part = std::min<std::size_t>(out.size(), 1u << 30);
        CHECK(RAND_bytes(out.data(), static_cast<int>(part)) == 1);
        out = out.subspan(part);
    }
}

Key random_key() {
    // OpenSSL keeps a second generator for what must stay secret: what is seen of the public one (nonces) says nothing of keys.
    std::array<std::uint8_t, Key::kBytes> bytes;
    CHECK(RAND_priv_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1);
    Key key(bytes);
    base::wipe(bytes);
    return key;
}

std::string random_uuid() {
    auto bytes = random_array<16>();
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0f) | 0x40);  // version 4
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3f) | 0x80);  // variant 10
    auto text = base::to_hex(bytes);
    for (const std::size_t dash : {8u, 13u, 18u, 23u}) text.insert(dash, 1, '-');
    return text;
}

}  // namespace crypto
