// Which slice an element belongs to (R4 profiling.html#discriminator). Inside fhir/validate only.
#pragma once

#include "fhir/validate/profile.hpp"

namespace validate {

// Does the element lie in the slice, going by the discriminators? Nothing when that cannot be known here: a discriminator behind a
// reference, or one that the profile gives no value for.
std::optional<bool> lies_in(const fhirpath::Node& node, const Rule& slice, const std::vector<Discriminator>& discriminators, const Profiles& profiles);

// fixed[x]: the same, members in any order. pattern[x]: at least this.
bool fits_pattern(const json::Value& value, const json::Value& pattern);

}  // namespace validate
