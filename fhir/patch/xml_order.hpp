// XML is ordered and JSON is not: where a patch's author put an element is not asked of her twice.
#pragma once

#include "fhir/codec/xml_document.hpp"

namespace patch {

// Puts the elements of a resource's XML into R4's order; those of one name keep theirs. What R4 does not have is left for the codec to
// refuse, and narratives stay as they are.
void put_in_order(codec::XmlNode& resource);

}  // namespace patch
