// The route table: what kedge answers to, as data. The CapabilityStatement is written from the same rows.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "fhir/http/request.hpp"
#include "storage/base/error.hpp"

namespace rest {

// R4 http.html#summary; the operations are kedge's own and R4's.
enum class Interaction : std::uint8_t {
    capabilities,
    smart_configuration,
    read,
    vread,
    create,
    update,  // also conditional, without an id in the action
    patch,   // the same
    remove,  // the same
    history_instance,
    history_type,
    history_system,
    search_type,
    search_system,
    bundle,           // batch or transaction
    ledger_status,    // Consent/{id}/$ledger-status
    proof,            // AuditEvent/{id}/$proof
    verify_integrity, // AuditEvent/$verify-integrity
    log_proofs,       // AuditEvent/$proof, $consistency, $anchors: of the log as a whole
    access_report,    // Patient/{id}/$access-report
    validation,       // [type]/$validate, [type]/{id}/$validate
    terminology,      // ValueSet/$expand, CodeSystem/$lookup, ConceptMap/$translate ... (fhir/terminology/operations.cpp)
    fhirpath,         // [base]/$fhirpath
    page,             // a paging link: [base]/_page?s=...
};

struct Route {
    std::string_view method;
    std::string_view path;      // segments below the base: "[type]" and "[id]" and "[vid]" match, others stand for themselves
    Interaction interaction;
    bool open = false;          // answered without a token
    bool heavy = false;         // leaves the IO thread
};
std::span<const Route> routes();

// May a resource of this type be asked for and kept by its URL? R4 parameters.html: Parameters is what operations take and give, "and
// there is no RESTful endpoint associated with it". ($validate is an operation.)
bool has_endpoint(std::string_view type);
// Kind::not_found, for a type without one.
base::Error no_endpoint(std::string_view type);

// What one request wants.
struct Action {
    Interaction interaction = Interaction::capabilities;
    const Route* route = nullptr;
    std::string type, id;
    std::uint32_t version = 0;
};

// Finds the route. Errors: Kind::not_found for a path that is none or a type that R4 has not; Kind::not_allowed when the path
// exists with other methods only (`allow` then names them); Kind::invalid for an id outside R4's grammar.
base::Result<Action> route(const http::Request& request, std::string_view base_path, std::string& allow);

// The code of http://hl7.org/fhir/restful-interaction (or the operation's name), as audit events carry it.
std::string_view interaction_code(Interaction interaction);

}  // namespace rest
