// Which search parameters this server answers. The CapabilityStatement, the index and the query parser all ask here, so that
// what is advertised, indexed and understood cannot differ.
#pragma once

#include "fhir/definitions/definitions.hpp"

#include <span>
#include <string_view>
#include <vector>

namespace search {

// The codes for which index rows are written, on every type that has them: identifier, patient, subject.
std::span<const std::string_view> indexed_parameters();

// What a search on this type takes, sorted by code: _id, _lastUpdated and the type's indexed parameters; for an empty type (a search over
// all types) _id and _lastUpdated. Empty for an unknown type. Valid for the life of the program; thread-safe.
std::span<const definitions::SearchParameter* const> supported_parameters(std::string_view type);
const definitions::SearchParameter* supported_parameter(std::string_view type, std::string_view code);

// True for parameters whose values name a person: the store keeps them as HMAC tokens (identifier, names, telecom, address).
bool is_direct_identifier(std::string_view type, std::string_view code);

}  // namespace search
