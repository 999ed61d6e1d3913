// The listener's own answers: it speaks OperationOutcome before rest has seen the request.
#pragma once

#include "fhir/http/response.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace server {

// Makes the response for a request that the listener refuses. `code` is a FHIR issue type (R4 valueset-issue-type):
// structure, too-long, too-costly, timeout, throttled, not-supported, exception. Called on IO threads.
using Refuse = std::function<http::Response(int status, std::string_view code, std::string diagnostics)>;

// {"resourceType":"OperationOutcome","issue":[{"severity":"error",...}]} as application/fhir+json.
http::Response refusal(int status, std::string_view code, std::string diagnostics);

}  // namespace server
