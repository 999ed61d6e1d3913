// The query string (and the body of POST _search): application/x-www-form-urlencoded.
#pragma once

#include "storage/base/error.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace http {

// Decoded names and values in their order; FHIR repeats names ("and") and gives the order a meaning for _sort.
using Query = std::vector<std::pair<std::string, std::string>>;

constexpr std::size_t kMaxQueryParameters = 1000;

// "a=1&b=x+y" ; a part without '=' has an empty value; empty parts are left out.
// Errors: Kind::invalid on a broken percent-escape (expression names the parameter), Kind::too_large beyond kMaxQueryParameters.
base::Result<Query> parse_query(std::string_view text);

// The first value of this name, else nullptr. Names are case-sensitive (R4 search.html#all).
const std::string* find_parameter(const Query& query, std::string_view name);

// The inverse, for links: everything but unreserved characters is escaped.
std::string write_query(const Query& query);

}  // namespace http
