// What R4 asks of elements beyond their names and types: invariants, bindings, the targets of references. Static like elements.hpp.
#pragma once

#include "fhir/definitions/elements.hpp"

namespace definitions {

// An invariant as HL7 wrote it (ElementDefinition.constraint). ele-1 and ext-1, which hold everywhere, are in none of the lists.
struct Constraint {
    std::string_view key;  // "obs-6"; not unique: R4 has four inv-1
    bool error;            // else a warning
    std::string_view human;
    std::string_view expression;  // FHIRPath; some are faulty, fhir/validate mends them
};

struct Code {
    std::string_view code, system;
};
struct ValueSet {
    std::string_view url;  // without a version
    std::string_view title;
    std::span<const Code> codes;  // sorted by code, then system
    bool complete;                // false: also codes that R4 does not enumerate (SNOMED CT, UCUM, BCP 13 ...)

    bool has(std::string_view code) const;
    bool has(std::string_view code, std::string_view system) const;
};
const ValueSet* value_set(std::string_view url);  // only sets that a required or extensible binding names; nullptr when none does

enum class Strength : std::uint8_t { none, extensible, required };  // preferred and example bindings bind nobody

struct ElementRules {
    std::span<const Constraint* const> constraints;  // of the element; those of its type or backbone group stand there
    std::span<const std::string_view> targets;       // types that a Reference may point to; empty: any
    const ValueSet* value_set;                       // nullptr: no binding that counts
    Strength strength;
    bool modifier;
    bool summary;
    bool simple_quantity;  // a Quantity here has no comparator (sqty-1)
};
const ElementRules& rules(const Element& element);                       // `element` from a Group of this library
std::span<const Constraint* const> constraints(const Group& group);      // of a type's root or of a backbone element
std::span<const Constraint> all_constraints();

// One of HL7's 393 extensions of R4.
struct ExtensionPart {
    std::string_view url;
    std::span<const std::string_view> types;  // of its value; empty: it holds extensions
    bool required, many;
};
struct ExtensionDefinition {
    std::string_view url;
    std::span<const std::string_view> contexts;  // "Patient", "Patient.contact", "Element" ...; empty: not judged
    std::span<const std::string_view> types;     // of its value; empty: it takes none
    std::span<const ExtensionPart> parts;        // the extensions inside; empty: not judged
    bool modifier;
    bool many;  // may stand more than once in one element
};
const ExtensionDefinition* extension_definition(std::string_view url);  // nullptr when HL7 has none of this url

}  // namespace definitions
