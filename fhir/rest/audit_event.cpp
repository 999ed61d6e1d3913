// Written by appending text, not through a JSON tree: this runs once for every read.
#include "fhir/rest/audit_event.hpp"

#include "fhir/rest/outcome.hpp"
#include "fhir/search/parse_value.hpp"
#include "storage/base/encoding.hpp"
#include "storage/base/json.hpp"
#include "storage/crypto/random.hpp"

#include <algorithm>
#include <array>

namespace rest {
namespace {

// What interaction_code() calls an operation, by the name of the route that was called.
constexpr std::array<std::string_view, 13> kOperations{"access-report", "anchors",       "consistency",     "expand",   "fhirpath",
                                                       "ledger-status", "lookup",        "proof",           "subsumes", "translate",
                                                       "validate",      "validate-code", "verify-integrity"};

constexpr std::string_view kInteractions = "http://hl7.org/fhir/restful-interaction", kOperationSystem = "http://kedge.dev/fhir/CodeSystem/operation",
                           kOperatorSystem = "http://kedge.dev/fhir/CodeSystem/operator-action", kDicom = "http://dicom.nema.org/resources/ontology/DCM";
// What an Attempt or the server's own events call themselves beside interaction_code(): fhir/server/operator_event, refusals.
constexpr std::array<std::string_view, 1> kOtherInteractions{"batch"};
constexpr std::array<std::string_view, 4> kOperatorActions{"erase", "ledger-pause", "ledger-resume", "token-revoke"};
constexpr std::string_view kStrangers = "110122";

bool is_operation(std::string_view subtype) {
    return std::find(kOperations.begin(), kOperations.end(), subtype) != kOperations.end();
}

constexpr std::string_view kProfile = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.";

void quoted(std::string& out, std::string_view text) {
    json::write_string(text, out);
}

// BALP's profile for the action: PatientRead, Query, Delete ...
std::string_view profile_of(char action) {
    switch (action) {
        case 'C':
            return "Create";
        case 'U':
            return "Update";
        case 'D':
            return "Delete";
        case 'E':
            return "Query";
        default:
            return "Read";
    }
}

// The agent types of client and server by action: Query turns Source and Destination round, Delete has roles of its own.
std::string_view client_role(char action) {
    if (action == 'R') return R"("code":"110152","display":"Destination Role ID"}]})";
    if (action == 'D') return R"("code":"110150","display":"Application"}]})";
    return R"("code":"110153","display":"Source Role ID"}]})";
}
std::string_view server_type(char action) {
    if (action == 'D') {
        return R"({"coding":[{"system":"http://terminology.hl7.org/CodeSystem/provenance-participant-type","code":"custodian","display":"Custodian"}]})";
    }
    if (action == 'R') {
        return R"({"coding":[{"system":"http://dicom.nema.org/resources/ontology/DCM","code":"110153","display":"Source Role ID"}]})";
    }
    return R"({"coding":[{"system":"http://dicom.nema.org/resources/ontology/DCM","code":"110152","display":"Destination Role ID"}]})";
}

void append_agents(std::string& out, const Attempt& a, const TrailPart& part, std::string_view base_url) {
    out += R"("agent":[{"type":{"coding":[{"system":"http://dicom.nema.org/resources/ontology/DCM",)";
    out += client_role(part.action);
    out += R"(,"who":{"identifier":{"value":)";
    quoted(out, a.caller && !a.caller->client_id.empty() ? std::string_view(a.caller->client_id) : std::string_view("unknown"));
    out += R"(}},"requestor":false,"network":{"address":)";
    quoted(out, a.request.remote_address);
    out += R"(,"type":"2"}},{"type":)";
    out += server_type(part.action);
    out += R"(,"who":{"display":"kedge"},"requestor":false,"network":{"address":)";
    quoted(out, base_url);
    out +=
        R"(,"type":"5"}},{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ParticipationType","code":"IRCP","display":"information recipient"}]},"who":)";
    if (a.caller) {
        out += R"({"reference":)";
        quoted(out, a.caller->requester.subject);
        out += '}';
    } else {
        out += R"({"display":"unauthenticated"})";
    }
    out += R"(,"requestor":true)";
    if (a.caller && (!part.policies.empty() || !a.caller->token_id.empty())) {
        out += R"(,"policy":[)";
        bool first = true;
        for (const auto& policy : part.policies) {
            if (!first) out += ',';
            first = false;
            quoted(out, policy);
        }
        if (!a.caller->token_id.empty()) {
            if (!first) out += ',';
            quoted(out, "urn:oauth:jti:" + a.caller->token_id);
        }
        out += ']';
    }
    if (a.caller && !a.caller->requester.purposes.empty()) {
        out += R"(,"purposeOfUse":[)";
        bool first = true;
        for (const auto& purpose : a.caller->requester.purposes) {
            if (!first) out += ',';
            first = false;
            out += R"({"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":)";
            quoted(out, purpose);
            out += "}]}";
        }
        out += ']';
    }
    out += "}]";
}

void append_data_entity(std::string& out, std::string_view reference, std::string_view role, std::string_view role_name) {
    out += R"({"what":{"reference":)";
    quoted(out, reference);
    out +=
        R"(},"type":{"system":"http://terminology.hl7.org/CodeSystem/audit-entity-type","code":"2","display":"System Object"},"role":{"system":"http://terminology.hl7.org/CodeSystem/object-role","code":")";
    out += role;
    out += R"(","display":")";
    out += role_name;
    out += R"("}},)";
}

constexpr std::size_t kQueryBytes = 8192;

// What any other request brings is a resource, or a Bundle that was refused: the trail, which cannot forget it with its patient, is no
// place for it.
bool searches_by_form(const Attempt& a) {
    const auto what = a.action.interaction;
    return a.request.method == "POST" && !a.entry_of_bundle && (what == Interaction::search_type || what == Interaction::search_system);
}

// What was asked: the request's line, and what it does not say itself.
std::string query_of(const Attempt& a) {
    std::string more;
    if (searches_by_form(a)) more += "\n" + a.request.body;
    for (const auto& query : a.searched) more += "\n" + query;
    auto out = a.request.method + " " + a.request.target + std::string(base::utf8_prefix(more, kQueryBytes));
    if (more.size() > kQueryBytes) out += "\n(cut: " + std::to_string(more.size()) + " bytes in all)";
    return out;
}

void append_entities(std::string& out, const Attempt& a, const TrailPart& part) {
    out += R"("entity":[)";
    for (const auto& reference : part.entities) append_data_entity(out, reference, "4", "Domain Resource");
    if (part.action == 'E') {
        out +=
            R"({"type":{"system":"http://terminology.hl7.org/CodeSystem/audit-entity-type","code":"2","display":"System Object"},"role":{"system":"http://terminology.hl7.org/CodeSystem/object-role","code":"24","display":"Query"},"query":)";
        quoted(out, base::to_base64(base::as_bytes(query_of(a))));
        out += "},";
    }
    if (!part.patient.empty()) {
        out += R"({"what":{"reference":)";
        quoted(out, "Patient/" + part.patient);
        out +=
            R"(},"type":{"system":"http://terminology.hl7.org/CodeSystem/audit-entity-type","code":"1","display":"Person"},"role":{"system":"http://terminology.hl7.org/CodeSystem/object-role","code":"1","display":"Patient"}},)";
    }
    out += R"({"what":{"identifier":{"value":)";
    quoted(out, a.request.request_id);
    out += R"(}},"type":{"system":"https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType","code":"XrequestId"}}])";
}

std::string event_json(const Attempt& a, const TrailPart& part, const std::string& id, base::TimeUs recorded, std::string_view subtype,
                       std::string_view base_url) {
    const auto instant = base::format_instant(recorded);
    const auto outcome = outcome_of(a);
    std::string out;
    out.reserve(2300 + part.entities.size() * 260);
    out += R"({"resourceType":"AuditEvent","id":")";
    out += id;
    out += R"(","meta":{"versionId":"1","lastUpdated":")";
    out += instant;
    out += R"(","profile":[")";
    out += kProfile;
    if (!part.patient.empty()) out += "Patient";
    out += profile_of(part.action);
    out +=
        R"("]},"type":{"system":"http://terminology.hl7.org/CodeSystem/audit-event-type","code":"rest","display":"RESTful Operation"},"subtype":[)";
    // BALP's pattern for updates asks for the code of an update, and HL7 has one code for all operations; the second coding says which it
    // was.
    const bool operation = is_operation(subtype);
    if (subtype == "patch") out += R"({"system":"http://hl7.org/fhir/restful-interaction","code":"update"},)";
    if (operation) out += R"({"system":"http://hl7.org/fhir/restful-interaction","code":"operation"},)";
    out += operation ? R"({"system":"http://kedge.dev/fhir/CodeSystem/operation","code":")"
                     : R"({"system":"http://hl7.org/fhir/restful-interaction","code":")";
    out += subtype;
    out += R"("}],"action":")";
    out += part.action;
    out += R"(","recorded":")";
    out += instant;
    out += R"(","outcome":")";
    out += std::to_string(outcome);
    out += '"';
    if (a.error) {
        out += R"(,"outcomeDesc":)";
        quoted(out, std::to_string(status_of(a.error->kind)) + " " + a.error->diagnostics);
    }
    out += ',';
    append_agents(out, a, part, base_url);
    out += R"(,"source":{"site":)";
    quoted(out, base_url);
    out +=
        R"(,"observer":{"display":"kedge"},"type":[{"system":"http://terminology.hl7.org/CodeSystem/security-source-type","code":"4","display":"Application Server"}]},)";
    append_entities(out, a, part);
    out += '}';
    return out;
}

char action_of(Interaction interaction) {
    switch (interaction) {
        case Interaction::create:
            return 'C';
        case Interaction::update:
        case Interaction::patch:
            return 'U';
        case Interaction::remove:
            return 'D';
        case Interaction::search_type:
        case Interaction::search_system:
        case Interaction::page:
        case Interaction::bundle:
        case Interaction::ledger_status:
        case Interaction::proof:
        case Interaction::verify_integrity:
        case Interaction::log_proofs:
        case Interaction::access_report:
        case Interaction::fhirpath:
        case Interaction::validation:
        case Interaction::terminology:
            return 'E';
        default:
            return 'R';
    }
}

// A part that touched nothing, so that a refused or empty access leaves its line too. It names no patient: an id that nobody has
// must not bring an audit key into being.
TrailPart bare_part(const Attempt& a) {
    TrailPart part;
    part.action = action_of(a.action.interaction);
    if (!a.action.id.empty()) {
        part.entities.push_back(a.action.type + "/" + a.action.id);
    }
    return part;
}

std::string without_version(const std::string& reference) {
    return reference.substr(0, reference.find("/_history/"));
}

chain::Submission submission_of(const Attempt& a, const TrailPart& part, std::string_view base_url) {
    chain::Submission out;
    const auto code = a.action.route == nullptr ? std::string_view("operation") : interaction_code(a.action.interaction);
    auto subtype = a.subtype.empty() ? code : std::string_view(a.subtype);
    if (subtype.starts_with('$')) subtype.remove_prefix(1);
    out.kind = proof::EntryKind::event;
    out.key_patient = part.patient;
    out.keys.id = crypto::random_uuid();
    out.keys.recorded_us = a.started_us;
    if (!part.patient.empty()) out.keys.patients.push_back(part.patient);
    if (a.caller) out.keys.agents.push_back(a.caller->requester.subject);
    out.keys.entities.reserve(part.entities.size() + 2);
    for (const auto& entity : part.entities) out.keys.entities.push_back(without_version(entity));
    if (!part.patient.empty()) {
        auto patient = "Patient/" + part.patient;
        if (std::find(out.keys.entities.begin(), out.keys.entities.end(), patient) == out.keys.entities.end()) out.keys.entities.push_back(std::move(patient));
    }
    out.keys.entities.push_back(a.request.request_id);
    out.keys.action = part.action;
    out.keys.outcome = outcome_of(a);
    out.keys.subtype = subtype;
    out.content = event_json(a, part, out.keys.id, a.started_us, subtype, base_url);
    return out;
}

}  // namespace

base::Result<std::vector<std::string>> stored_subtypes(std::string_view token) {
    using Op = store::Criterion::Op;
    const auto parsed = search::token_value(token, false);
    if (!parsed) return base::pass(parsed);
    std::vector<std::string> out;
    if (parsed->op == Op::no_system) return out;
    const auto& code = parsed->value;
    const bool any_system = parsed->op == Op::any_system, any_code = parsed->op == Op::any_code;
    const auto add = [&](std::string_view system, std::string_view subtype, std::string_view stored) {
        const bool meant = (any_system || parsed->system == system) && (any_code || code == subtype);
        if (meant && std::find(out.begin(), out.end(), stored) == out.end()) out.emplace_back(stored);
    };
    for (const auto& route : routes()) add(kInteractions, interaction_code(route.interaction), interaction_code(route.interaction));
    for (const auto subtype : kOtherInteractions) add(kInteractions, subtype, subtype);
    add(kInteractions, "update", "patch");
    for (const auto operation : kOperations) {
        add(kInteractions, "operation", operation);
        add(kOperationSystem, operation, operation);
    }
    for (const auto subtype : kOperatorActions) add(kOperatorSystem, subtype, subtype);
    add(kDicom, kStrangers, kStrangers);
    // A code that no list here has may still be one that an older or a newer kedge wrote.
    if (any_system && out.empty()) out.push_back(code);
    return out;
}

std::uint8_t outcome_of(const Attempt& a) {
    if (!a.error) return 0;
    return status_of(a.error->kind) < 500 ? 4 : 8;
}

std::vector<chain::Submission> audit_entries(const Attempt& a, std::string_view base_url) {
    std::vector<chain::Submission> out;
    if (a.action.route != nullptr && a.action.route->open) return out;
    for (const auto& part : a.trail.parts()) out.push_back(submission_of(a, part, base_url));
    if (out.empty()) out.push_back(submission_of(a, bare_part(a), base_url));
    if (!a.written.empty()) {
        chain::Submission set;
        set.kind = proof::EntryKind::write_set;
        set.keys.id = crypto::random_uuid();
        set.keys.recorded_us = a.started_us;
        set.content = std::string(base::as_text(proof::encode_write_set(a.written)));
        out.push_back(std::move(set));
    }
    return out;
}

}  // namespace rest
