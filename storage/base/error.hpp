// Errors are values. Three different things, kept apart:
//   bad data         -> Result with an Error (this file): expected, handled, shown to the caller
//   broken contract  -> CHECK: the program is wrong; it stops before it harms a record
//   internal bug in one request -> Kind::fault: answered 500, logged, others served on
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

namespace base {

// What went wrong, by what the caller can do about it. fhir/rest/outcome.cpp turns each into one HTTP status and one
// FHIR issue type; there is no other place that does.
enum class Kind {
    invalid,              // 400: the request or resource breaks a rule
    unauthenticated,      // 401: no valid token
    forbidden,            // 403: known caller, not allowed
    not_found,            // 404
    not_allowed,          // 405: the method is not for this route
    not_acceptable,       // 406: no media type that the client takes
    conflict,             // 409: two writers, or a reference that forbids the write
    gone,                 // 410: deleted
    precondition_failed,  // 412: If-Match, If-None-Exist with several matches
    too_large,            // 413: a stated limit; diagnostics names the limit and its value
    unsupported_media,    // 415
    unprocessable,        // 422: well-formed, breaks a business rule or profile
    too_many,             // 429: this client asks too much; retry later
    header_too_large,     // 431
    not_supported,        // 501: valid FHIR, not built here
    unavailable,          // 503: try again; the audit or the store cannot take it now
    corrupt,              // 500: stored data does not open or a link is broken. Always alarms, never says why to a client
    fault,                // 500: a bug or an operating-system error
};

// The name as it stands in logs and metrics.
std::string_view to_string(Kind kind);

struct Error {
    Kind kind = Kind::fault;
    std::string diagnostics;              // a sentence for people: names the place and the limit; no personal data
    std::vector<std::string> expression;  // FHIRPath or JSON places, OperationOutcome.issue.expression
    std::string issue;                    // FHIR issue-type code when it is finer than the kind's own, else empty
};

template <class T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

// The one way to make a failed Result: `return base::fail(Kind::invalid, "...")`.
inline tl::unexpected<Error> fail(Kind kind, std::string diagnostics, std::vector<std::string> expression = {}, std::string issue = {}) {
    return tl::unexpected<Error>(Error{kind, std::move(diagnostics), std::move(expression), std::move(issue)});
}
// Passes an Error on unchanged: `if (!x) return base::pass(x);`
template <class T>
tl::unexpected<Error> pass(const Result<T>& failed) {
    return tl::unexpected<Error>(failed.error());
}

[[noreturn]] void check_failed(const char* expression, const char* file, int line);

}  // namespace base

// A contract inside the program. Never for data that came from outside.
#define CHECK(expression) ((expression) ? static_cast<void>(0) : ::base::check_failed(#expression, __FILE__, __LINE__))
