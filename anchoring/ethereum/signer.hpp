// secp256k1 signatures as Ethereum uses them: recoverable, deterministic (RFC 6979), the lower of the two possible s. The one place
// that uses libsecp256k1.
#pragma once

#include "anchoring/ethereum/types.hpp"

namespace ethereum {

struct Signature {
    Hash r{};
    Hash s{};
    std::uint8_t y_parity = 0;  // 0 or 1
    bool operator==(const Signature&) const = default;
};

// r || s || v with v 27 or 28: the 65 bytes that contracts take.
base::Bytes to_bytes(const Signature& signature);
// Error: Kind::invalid when it is not 65 bytes, v is not 27 or 28, or s is in the upper half (EIP-2): as OpenZeppelin's ECDSA.
base::Result<Signature> parse_signature(base::ByteView bytes);

// The address whose key signed this digest. Error: Kind::invalid when r, s or y_parity is out of range, s is in the upper half, or no
// key gives this signature. Any thread.
base::Result<Address> recover(const Hash& digest, const Signature& signature);
// recover() and compare; false for anything that is not a good signature by `signer`.
bool verify(const Hash& digest, base::ByteView signature, const Address& signer);

// Holds one private key, and wipes it when it goes. Not copyable, so that the key has one place. sign() is thread-safe.
class Signer {
  public:
    // `secret` is 32 bytes from the caller's random source or key store; the caller wipes its own copy.
    // Error: Kind::invalid when it is not 32 bytes, is zero, or is not below the group order.
    static base::Result<Signer> from_secret(base::ByteView secret);
    ~Signer();
    Signer(Signer&& other) noexcept;
    Signer& operator=(Signer&& other) noexcept;

    const Address& address() const { return address_; }
    // Never fails for a valid key. The signature is checked against address() before it is given out, so that a computing fault
    // leaks no key.
    Signature sign(const Hash& digest) const;

  private:
    Signer() = default;
    std::array<std::uint8_t, 32> secret_{};
    Address address_;
};

}  // namespace ethereum
