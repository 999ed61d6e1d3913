// Prefer (RFC 7240), as far as FHIR uses it: R4 http.html#ops (return=) and search.html#errors (handling=).
#pragma once

#include <string_view>

namespace http {

struct Prefer {
    enum class Return { unspecified, minimal, representation, operation_outcome };
    enum class Handling { unspecified, strict, lenient };
    Return returns = Return::unspecified;
    Handling handling = Handling::unspecified;
    bool respond_async = false;
};

// A preference that is unknown or does not parse is ignored, as RFC 7240 section 2 demands; of two with one name the
// first counts. Give it the joined value of all Prefer fields.
Prefer parse_prefer(std::string_view text);

}  // namespace http
