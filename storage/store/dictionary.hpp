// The zstd dictionaries that bodies are packed with. A body says which one; none is ever changed or removed. Internal to storage/store.
#pragma once

#include "storage/crypto/compress.hpp"

#include <cstdint>
#include <string_view>

namespace store {

constexpr std::uint8_t kDictionaryFhirR4 = 1;  // DO NOT CHANGE: stored

// What new bodies are packed with.
constexpr std::uint8_t kDictionaryNow = kDictionaryFhirR4;

// nullptr when there is none with this number. Thread-safe; lives as long as the program.
const crypto::Dictionary* dictionary(std::uint8_t number);

// Text of dictionary 1. Public so that a test can hold its digest still: a changed byte would make stored bodies unreadable.
std::string_view dictionary_fhir_r4_text();

}  // namespace store
