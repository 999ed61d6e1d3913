// Vectors are printed in hex; a misprinted one stops the program.
#pragma once

#include "storage/base/encoding.hpp"
#include "storage/crypto/secret.hpp"

#include <string_view>

inline base::Bytes unhex(std::string_view text) {
    auto bytes = base::from_hex(text);
    CHECK(bytes.has_value());
    return *std::move(bytes);
}
inline crypto::Key key_of(std::string_view text) {
    return crypto::Key(unhex(text));
}
