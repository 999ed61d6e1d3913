// One value of a search parameter, by the parameter's type: for search itself, and for rest/trail_query, whose index is another.
#pragma once

#include "fhir/definitions/definitions.hpp"
#include "fhir/search/parse_query.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace search {

// Splits on a separator that no backslash escapes; the escapes stay.
std::vector<std::string_view> split_unescaped(std::string_view text, char separator);
// \, \| \$ and \\ (R4 search.html#escaping). Error: Kind::invalid for another or an unfinished escape.
base::Result<std::string> unescape(std::string_view text);

using Value = store::Criterion::Value;
base::Result<Value> token_value(std::string_view text, bool direct_identifier);
base::Result<Value> id_value(std::string_view text);
// `modifier`: a type name, or empty.
base::Result<Value> reference_value(std::string_view text, std::string_view modifier, const definitions::SearchParameter& parameter,
                                    std::string_view base_url);
base::Result<Value> date_value(std::string_view text, base::TimeUs now);

}  // namespace search
