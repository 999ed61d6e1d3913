// A made-up population: nobody in it lives. The same seed gives the same bytes, and patient N does not depend on how many
// others are made.
#pragma once

#include "storage/base/json.hpp"

#include <cstdint>
#include <string>

namespace server::demo {

// Ids are demo-... for seed 1 and demo-sSEED-... for others, so that two populations can live on one server.
std::string id_prefix(std::uint64_t seed);

constexpr int kOrganizations = 3;
constexpr int kPractitioners = 6;  // two in each organisation

// Organization, Practitioner and PractitionerRole: a transaction that must go in before the patients.
json::Value organizations_bundle(std::uint64_t seed);

// Patient `number` (from 1) with what happened to them, as one transaction of 40 to 80 resources. Every entry is a PUT
// under a fixed id, so that loading it twice leaves one of each. References within are urn:uuid.
json::Value patient_bundle(std::uint64_t seed, int number);

}  // namespace server::demo
