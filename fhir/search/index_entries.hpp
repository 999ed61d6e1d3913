// From a value in a resource to rows of the derived index (R4 search.html, one section for each parameter type).
#pragma once

#include "fhir/definitions/definitions.hpp"
#include "fhir/search/path_expression.hpp"
#include "storage/store/record.hpp"

#include <vector>

namespace search {

// Appends the rows that this value gives for the parameter; rows that are there already are not repeated. Token, reference, date, string
// and uri are understood; number, quantity, composite and special give nothing yet (no such parameter is indexed).
void append_entries(const definitions::SearchParameter& parameter, const Node& node, bool direct_identifier, std::string_view base_url,
                    std::vector<store::IndexEntry>& out);

// "system|code" pairs of a CodeableConcept or Coding; codings without a code are left out.
void append_codes(const json::Value& value, std::vector<std::string>& out);

}  // namespace search
