// Random bytes from OpenSSL's DRBG; the process stops when it cannot give any (a server without randomness must not run).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>

#include "storage/crypto/secret.hpp"

namespace crypto {

void random_fill(std::span<std::uint8_t> out);
template <std::size_t N>
std::array<std::uint8_t, N> random_array() {
    std::array<std::uint8_t, N> out;
    random_fill(out);
    return out;
}
Key random_key();
std::string random_uuid();  // RFC 9562 version 4, lower case

}  // namespace crypto
