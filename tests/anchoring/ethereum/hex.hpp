// Test data as hex text.
#pragma once

#include "anchoring/ethereum/types.hpp"
#include "storage/base/encoding.hpp"

#include <stdexcept>

inline base::Bytes operator""_hex(const char* text, std::size_t size) {
    auto bytes = base::from_hex({text, size});
    if (!bytes) throw std::invalid_argument("test data is no hex");
    return *bytes;
}

inline ethereum::Hash operator""_hash(const char* text, std::size_t size) {
    return ethereum::parse_hash({text, size}).value();
}

inline ethereum::Address operator""_address(const char* text, std::size_t size) {
    return ethereum::parse_address({text, size}).value();
}
