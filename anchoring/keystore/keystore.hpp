// Private keys under a password: the Web3 Secret Storage Definition, version 3 (the files of geth, cast, MetaMask exports).
// https://ethereum.org/en/developers/docs/data-structures-and-encoding/web3-secret-storage/
#pragma once

#include <string>
#include <string_view>

#include "anchoring/ethereum/signer.hpp"

namespace keystore {

// What guessing a password costs: scrypt with r 8 and p 1.
enum class Cost : std::uint32_t {
    standard = 1u << 17,  // 128 MiB, about half a second
    light = 1u << 12,     // 4 MiB: for tests
};

// Opens a key file of kdf scrypt or pbkdf2 (hmac-sha256) with cipher aes-128-ctr. Errors: Kind::invalid when it is no such file or not
// version 3; Kind::unauthenticated when the password is wrong (the MAC does not fit); Kind::corrupt when the file names another address
// than its key has; Kind::not_supported for another cipher or kdf; Kind::too_large when the kdf asks for more than 512 MiB.
base::Result<ethereum::Signer> open(std::string_view json, std::string_view password);

// The text of a new key file for this secret (32 bytes; the caller wipes its own copy). Errors: as Signer::from_secret.
base::Result<std::string> write(base::ByteView secret, std::string_view password, Cost cost = Cost::standard);

}  // namespace keystore
