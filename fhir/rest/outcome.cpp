#include "fhir/rest/outcome.hpp"

#include "storage/base/json.hpp"

namespace rest {
namespace {

using base::Kind;

json::Value issue(std::string_view severity, std::string_view code, std::string_view diagnostics, const std::vector<std::string>& expression) {
    json::Object out;
    out.set("severity", severity);
    out.set("code", code);
    if (!diagnostics.empty()) out.set("diagnostics", diagnostics);
    if (!expression.empty()) {
        json::Array places;
        for (const auto& place : expression) places.emplace_back(place);
        out.set("expression", std::move(places));
    }
    return out;
}

std::string outcome(json::Array issues) {
    json::Object out;
    out.set("resourceType", "OperationOutcome");
    out.set("issue", std::move(issues));
    return json::write(json::Value(std::move(out)));
}

json::Value issue_of(const base::Error& error) {
    const auto code = error.issue.empty() ? issue_code_of(error.kind) : std::string_view(error.issue);
    if (error.kind == Kind::corrupt) return issue("fatal", code, "the server cannot vouch for the stored data; its operator has been alarmed", {});
    if (error.kind == Kind::fault) return issue("fatal", code, "an internal error; the log has the request id", {});
    return issue("error", code, error.diagnostics, error.expression);
}

}  // namespace

int status_of(Kind kind) {
    switch (kind) {
        case Kind::invalid: return 400;
        case Kind::unauthenticated: return 401;
        case Kind::forbidden: return 403;
        case Kind::not_found: return 404;
        case Kind::not_allowed: return 405;
        case Kind::not_acceptable: return 406;
        case Kind::conflict: return 409;
        case Kind::gone: return 410;
        case Kind::precondition_failed: return 412;
        case Kind::too_large: return 413;
        case Kind::unsupported_media: return 415;
        case Kind::unprocessable: return 422;
        case Kind::too_many: return 429;
        case Kind::header_too_large: return 431;
        case Kind::not_supported: return 501;
        case Kind::unavailable: return 503;
        case Kind::corrupt: return 500;
        case Kind::fault: return 500;
    }
    return 500;
}

std::string_view issue_code_of(Kind kind) {
    switch (kind) {
        case Kind::invalid: return "invalid";
        case Kind::unauthenticated: return "login";
        case Kind::forbidden: return "forbidden";
        case Kind::not_found: return "not-found";
        case Kind::not_allowed: return "not-supported";
        case Kind::not_acceptable: return "not-supported";
        case Kind::conflict: return "conflict";
        case Kind::gone: return "deleted";
        case Kind::precondition_failed: return "conflict";
        case Kind::too_large: return "too-long";
        case Kind::unsupported_media: return "not-supported";
        case Kind::unprocessable: return "business-rule";
        case Kind::too_many: return "throttled";
        case Kind::header_too_large: return "too-long";
        case Kind::not_supported: return "not-supported";
        case Kind::unavailable: return "transient";
        case Kind::corrupt: return "exception";
        case Kind::fault: return "exception";
    }
    return "exception";
}

std::string operation_outcome(const base::Error& error) {
    json::Array issues;
    issues.push_back(issue_of(error));
    return outcome(std::move(issues));
}
std::string operation_outcome(const std::vector<base::Error>& errors) {
    json::Array issues;
    for (const auto& error : errors) issues.push_back(issue_of(error));
    return outcome(std::move(issues));
}
std::string informational_outcome(std::string_view diagnostics) {
    json::Array issues;
    issues.push_back(issue("information", "informational", diagnostics, {}));
    return outcome(std::move(issues));
}

http::Response respond(const base::Error& error) {
    http::Response out;
    out.status = status_of(error.kind);
    out.set("Content-Type", "application/fhir+json; charset=utf-8");
    if (error.kind == Kind::unavailable || error.kind == Kind::too_many) out.set("Retry-After", "1");
    if (error.kind == Kind::unauthenticated) out.set("WWW-Authenticate", "Bearer realm=\"kedge\"");
    out.body = operation_outcome(error);
    return out;
}

http::Response respond(int status, std::string_view issue_code, std::string_view diagnostics) {
    http::Response out;
    out.status = status;
    out.set("Content-Type", "application/fhir+json; charset=utf-8");
    json::Array issues;
    issues.push_back(issue("error", issue_code, diagnostics, {}));
    out.body = outcome(std::move(issues));
    return out;
}

}  // namespace rest
