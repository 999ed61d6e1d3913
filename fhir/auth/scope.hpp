// SMART App Launch 2.x scopes as an upper bound: context "/" type "." permissions, for example patient/Observation.rs, user/*.cruds,
// system/Patient.r, and the version 1 words read, write and *. https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html
#pragma once

#include "fhir/auth/caller.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace auth {

enum class Context : std::uint8_t { patient, user, system };

// One clinical scope. Permissions are bits, so that scopes of one type add up.
struct Scope {
    static constexpr unsigned kCreate = 1, kRead = 2, kUpdate = 4, kDelete = 8, kSearch = 16;
    Context context = Context::patient;
    std::string type;  // a resource type or "*"
    unsigned permissions = 0;
};

// Nothing for what grants no access to resources (openid, launch ...) and for what kedge cannot enforce: a scope with a search
// restriction (?category=...) would grant more than it says if the restriction were passed over, so it grants nothing.
std::optional<Scope> parse_scope(std::string_view text);

// Whether the caller's token lets an interaction on a type reach the consent decision at all. True without a scope claim.
// read: r. search: s. create, update, remove: c, u, d. history and operation: r and s, as both can list what the client could not name;
// an operation that writes asks for its write besides. Contexts: patient/ counts for a patient's own token, user/ for people,
// system/ for systems; kedge keeps no launch context, so patient/ in a clinician's token grants nothing.
bool scope_allows(const Caller& caller, std::string_view type, consent::Action action);

}  // namespace auth
