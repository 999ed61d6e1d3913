// Keccak-256 as Ethereum uses it: the padding of the 2011 submission, not that of SHA3-256. OpenSSL 3.0 has none, so this
// is the one file that uses Crypto++.
#pragma once

#include "anchoring/ethereum/types.hpp"

namespace ethereum {

Hash keccak256(base::ByteView data);  // any thread
inline Hash keccak256(std::string_view text) {
    return keccak256(base::as_bytes(text));
}

}  // namespace ethereum
