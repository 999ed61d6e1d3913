// The claims of kedge's access tokens (RFC 7519, RFC 9068) and how they become a Caller: parse, don't validate. A token whose claims
// are not understood names no caller.
#pragma once

#include "fhir/auth/caller.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace auth {

// What a token says, before it is signed or after its signature held. Times are seconds since 1970, as in RFC 7519.
struct Claims {
    std::string issuer, audience;
    std::int64_t issued_s = 0, expires_s = 0, not_before_s = 0;
    Caller caller;  // its expires_us is expires_s
};

// A relative reference that may stand for a person or system: "Practitioner/7", "Patient/1". Fits the role: a patient is a Patient or
// a RelatedPerson; a practitioner a Practitioner or a PractitionerRole; a system a Device, an Organization or a HealthcareService; an
// auditor or admin a Practitioner, PractitionerRole, Person, Device or Organization. Error: Kind::invalid.
base::Status check_subject(consent::Role role, std::string_view subject);

std::string_view to_string(consent::Role role);
// Error: Kind::invalid, naming the roles there are.
base::Result<consent::Role> parse_role(std::string_view text);

// {"iss","aud","sub","client_id","iat","nbf","exp","jti","scope"?,"name"?,"fhirUser","kedge":{"role","organization"?,"purpose_of_use"?,"also"?}}
std::string write_claims(const Claims& claims);
// Error: Kind::unauthenticated when a claim is missing, of another kind, or does not fit its role.
base::Result<Claims> read_claims(std::string_view payload);

}  // namespace auth
