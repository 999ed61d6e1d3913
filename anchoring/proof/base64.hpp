// Base64 (RFC 4648 section 4, padded, no bits left over) into memory that is used again: a proof is mostly base64 in base64, and an
// auditor reads hundreds of thousands of them. Takes exactly what base::from_base64 takes.
#pragma once

#include "storage/base/bytes.hpp"

#include <string_view>

namespace proof {

// Replaces `out`. false on anything but strict base64; `out` is then of no use.
bool decode_base64(std::string_view text, base::Bytes& out);
// The same into a place of exactly the right length.
bool decode_base64(std::string_view text, std::span<std::uint8_t> out);

}  // namespace proof
