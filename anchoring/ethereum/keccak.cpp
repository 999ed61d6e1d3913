#include "anchoring/ethereum/keccak.hpp"

#include <crypto++/keccak.h>

namespace ethereum {

Hash keccak256(base::ByteView data) {
    CryptoPP::Keccak_256 keccak;
    // Crypto++ wants a pointer even for no bytes.
    static constexpr std::uint8_t kNothing = 0;
    keccak.Update(data.empty() ? &kNothing : data.data(), data.size());
    Hash out;
    keccak.Final(out.data());
    return out;
}

}  // namespace ethereum
