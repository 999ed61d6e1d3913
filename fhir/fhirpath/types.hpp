// Types by name: which there are, and which is a kind of which (R4 datatypes.html; N1 section 10).
#pragma once

#include "fhir/fhirpath/items.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fhirpath {

struct TypeSpecifier {
    std::string name_space;  // "System", "FHIR" or empty: FHIR's first, then System's
    std::string name;
};

// Does R4 or System define it? Without a namespace either may.
bool known_type(const TypeSpecifier& type);

// The type of an item: FHIR.HumanName, FHIR.BackboneElement, System.Integer; an empty name when it is not known.
TypeName type_of(const Item& item);
// The type's own name for a path such as "Patient.contact": BackboneElement or Element.
std::string_view fhir_name(const definitions::ElementType& type);
// The type above in R4's hierarchy: "code" -> "string", "Patient" -> "DomainResource"; empty above Element and Resource.
std::string_view base_type(std::string_view fhir_type);
bool derives_from(std::string_view fhir_type, std::string_view ancestor);

// R4 defines every id and Extension.url as System.String: "id" or "uri", told from other ids and uris by where they lie.
const definitions::ElementType* defined_as_string(std::string_view fhir_type);

// Is it of the type or of one that derives from it? `is` asks so.
bool item_is(const Item& item, const TypeSpecifier& type);
// `as` and `ofType`: of a primitive its own type alone, as HL7's tests for R4 want it (a code is no string there); with the
// namespace System the type of its value.
bool item_as(const Item& item, const TypeSpecifier& type);

}  // namespace fhirpath
