#include "fhir/auth/refusal.hpp"

namespace auth {
namespace {

constexpr std::string_view kRealm = "Bearer realm=\"kedge\"";

// RFC 6750 section 3: neither a quote nor a backslash nor anything outside printable ASCII may stand in a description.
std::string quotable(std::string_view text) {
    std::string out;
    for (const char c : text) out += (c >= 0x20 && c <= 0x7e && c != '"' && c != '\\') ? c : '\'';
    return out;
}

}  // namespace

Refusal no_credentials() {
    return {{base::Kind::unauthenticated, "this request needs an access token: Authorization: Bearer TOKEN", {}, "login"},
            std::string(kRealm),
            {}};
}

Refusal invalid_token(std::string_view description, std::string_view issue, std::string token_id) {
    const auto header = std::string(kRealm) + ", error=\"invalid_token\", error_description=\"" + quotable(description) + "\"";
    return {{base::Kind::unauthenticated, std::string(description), {}, std::string(issue)}, header, std::move(token_id)};
}

Refusal insufficient_scope(std::string_view needed) {
    const auto header = std::string(kRealm) + ", error=\"insufficient_scope\", scope=\"" + quotable(needed) + "\"";
    return {{base::Kind::forbidden, "the token's scopes do not allow this; it needs " + std::string(needed), {}, "forbidden"}, header, {}};
}

}  // namespace auth
