// Walking a resource where it lies: children by name, all children, and the System value of a primitive.
#pragma once

#include "fhir/fhirpath/items.hpp"

#include <functional>

namespace fhirpath {

// Appends the children of the name. False when the parent's type is known and defines no such element.
bool append_named(const Node& parent, std::string_view name, Items& out);
// All children in document order: of a primitive its id and extensions.
void append_children(const Node& parent, Items& out);

// Is it a primitive without a value, or nothing at all?
bool without_value(const Item& item);
// A primitive of a resource as a System value (its text stays where it is); any other item as it is.
Item to_system(const Item& item, Arena& arena);
// A FHIR Quantity as a System.Quantity. Nothing: no Quantity, no value, or a system that is not UCUM. `refused` when a comparator
// stands there, for then the value is no value (R4 fhirpath.html#quantity).
const Quantity* to_quantity(const Item& item, Arena& arena, bool& refused);
bool is_fhir_quantity(const Item& item);

json::Value to_json(const Item& item);

}  // namespace fhirpath
