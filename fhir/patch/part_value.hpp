// The value of a FHIRPath Patch operation: a part of a Parameters resource turned into an element of a type. Inside patch only.
#pragma once

#include "fhir/definitions/elements.hpp"
#include "fhir/patch/operations.hpp"
#include "fhir/patch/place.hpp"

namespace patch {

// An element by the name that a patch gives: "value", "value[x]" or "valueQuantity" for Observation.value[x].
struct Named {
    const definitions::Element* element = nullptr;
    const definitions::ElementType* type = nullptr;  // of a choice when the name says it; else nullptr
};
base::Result<Named> find_element(const definitions::Group& group, std::string_view name, const Label& label);

// What is to be put into a resource: the JSON name and both halves.
struct Built {
    std::string name;
    Content content;
};

// `part` is the parameter named "value": value[x] of the element's type (of a choice: of one of its types), for types without a value[x]
// parts that are named as the element's children, or a resource. Errors: Kind::unprocessable when it is of another type, and when parts
// name what the type has not; Kind::invalid when it holds nothing or several of the three.
base::Result<Built> build(const json::Value& part, const Named& named, const Label& label);

// Puts one child into an object: repeated ones behind those that are there. Error: Kind::unprocessable also when an element that does not
// repeat is there already.
base::Status put(json::Object& object, const definitions::Group& group, const Named& named, Built built, const Label& label);

}  // namespace patch
