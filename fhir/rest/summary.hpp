// _summary and _elements (R4 search.html#summary, #elements) of read, vread, history and search.
#pragma once

#include "fhir/codec/subset.hpp"
#include "fhir/http/query.hpp"
#include "storage/base/error.hpp"

#include <string>

namespace rest {

struct Shape {
    codec::Subset subset;
    bool count = false;  // _summary=count: the total alone
};

// `type` empty: any. Errors: Kind::invalid on an unknown form, on an element that the type does not have (only when not lenient), when both
// parameters shorten, and when either stands twice.
base::Result<Shape> shape_of(const http::Query& parameters, std::string_view type, bool lenient);
// For read and vread: as shape_of, but there is nothing to count.
base::Result<Shape> shape_of_one(std::string_view query, std::string_view type, bool lenient);

// The resource (JSON text) in this shape. Without one it comes back untouched: nothing is parsed.
base::Result<std::string> shaped(std::string body, const Shape& shape);

}  // namespace rest
