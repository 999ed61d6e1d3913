#include "fhir/server/refusal.hpp"

#include "storage/base/json.hpp"

namespace server {

http::Response refusal(int status, std::string_view code, std::string diagnostics) {
    json::Object issue;
    issue.set("severity", "error");
    issue.set("code", code);
    issue.set("diagnostics", std::move(diagnostics));
    json::Object outcome;
    outcome.set("resourceType", "OperationOutcome");
    outcome.set("issue", json::Array{json::Value(std::move(issue))});
    http::Response response;
    response.status = status;
    response.headers.emplace_back("Content-Type", "application/fhir+json;charset=UTF-8");
    if (status == 503) response.headers.emplace_back("Retry-After", "1");
    response.body = json::write(json::Value(std::move(outcome)));
    return response;
}

}  // namespace server
