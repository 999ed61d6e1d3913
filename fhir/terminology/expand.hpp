// ValueSet/$expand: the codes of a set, as a list.
#pragma once

#include "fhir/terminology/membership.hpp"

namespace terminology {

struct ExpandOptions {
    std::string filter;  // words, each to be found in the code, the display or a designation
    std::size_t offset = 0;
    std::optional<std::size_t> count;  // nothing: all, and Kind::unprocessable (too-costly) beyond kMostCodes
    bool include_designations = false, include_definition = false, active_only = false, nested = true, for_ui = false;
    std::vector<std::string> designations;  // tokens of languages or uses; with any, these alone
    std::string language;
    SystemVersions versions;
    // Named in the answer.
    std::string identifier;       // urn:uuid:...
    std::string timestamp;        // an instant
    json::Array parameters;       // what was asked, as expansion.parameter
};

inline constexpr std::size_t kMostCodes = 10'000;    // in one answer
inline constexpr std::size_t kMostLooked = 2'000'000;  // concepts looked at for one answer
inline constexpr int kMostSeconds = 2;                 // for one answer; a regular expression may be slow

struct Item {
    std::string system, version, code, display;
    const CodeSystem* definition = nullptr;  // these three live as long as the Expansion and the set it is of; nullptr: not known
    const Concept* concept_of = nullptr;
    const Listed* listed = nullptr;
};
struct Expansion {
    std::vector<Item> items;                                 // every code once, in the order of the includes
    std::vector<std::shared_ptr<const void>> held;           // what the items point into
    std::vector<std::shared_ptr<const CodeSystem>> systems;  // that were drawn on
};

// Errors: Kind::not_found for a system or set that is not known, Kind::not_supported for one whose content is not here in full,
// Kind::unprocessable (too-costly) past kMostLooked or kMostSeconds and for systems without end (UCUM ...), and those of Membership.
base::Result<Expansion> expand_codes(const Library& library, const ValueSet& set, const SystemVersions& versions);

// The ValueSet with its expansion.
base::Result<json::Value> expand(const Library& library, const ValueSet& set, const ExpandOptions& options);

}  // namespace terminology
