// The one place where an Error becomes an HTTP status and an OperationOutcome (R4 http.html, operationoutcome.html).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fhir/http/response.hpp"
#include "storage/base/error.hpp"

namespace rest {

int status_of(base::Kind kind);
std::string_view issue_code_of(base::Kind kind);  // http://hl7.org/fhir/issue-type

// The resource as canonical JSON text. What a client must not know of corrupt data and faults is left out here.
std::string operation_outcome(const base::Error& error);
std::string operation_outcome(const std::vector<base::Error>& errors);
std::string informational_outcome(std::string_view diagnostics);  // severity information

// Status, body, and the headers that the status asks for (Retry-After with 503 and 429, WWW-Authenticate with 401).
http::Response respond(const base::Error& error);
http::Response respond(int status, std::string_view issue_code, std::string_view diagnostics);  // for the listener's own limits

}  // namespace rest
