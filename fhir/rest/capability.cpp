// capabilities: https://hl7.org/fhir/R4/http.html#capabilities. Written from the route table and the search parameters that work:
// what is not there is not claimed.
#include <algorithm>

#include "fhir/definitions/definitions.hpp"
#include "fhir/http/query.hpp"
#include "fhir/patch/patch.hpp"
#include "fhir/rest/interactions.hpp"
#include "fhir/rest/terminology_capabilities.hpp"
#include "fhir/search/parameters.hpp"
#include "fhir/terminology/arguments.hpp"

namespace rest {
namespace {

json::Value code_entry(std::string_view code) {
    json::Object out;
    out.set("code", code);
    return out;
}

bool has_route(std::string_view prefix, Interaction interaction) {
    const auto rows = routes();
    return std::any_of(rows.begin(), rows.end(), [&](const Route& row) { return row.path.starts_with(prefix) && row.interaction == interaction; });
}

json::Value operation(std::string_view name, std::string_view documentation, std::string definition = {}) {
    json::Object out;
    out.set("name", name);
    out.set("definition", definition.empty() ? "http://kedge.dev/fhir/OperationDefinition/" + std::string(name) : std::move(definition));
    out.set("documentation", documentation);
    return out;
}

// The trail is searched by its own index (audit_event_search.cpp), everything else by fhir/search.
std::vector<const definitions::SearchParameter*> parameters_of(std::string_view type) {
    std::vector<const definitions::SearchParameter*> out;
    if (type == "AuditEvent") {
        for (const auto* code : {"_id", "action", "agent", "date", "entity", "outcome", "patient", "subtype"}) {
            if (const auto* parameter = definitions::search_parameter(type, code)) out.push_back(parameter);
        }
    } else {
        for (const auto* parameter : search::supported_parameters(type)) out.push_back(parameter);
    }
    return out;
}

// What may be done with resources of the type at their URLs.
void describe_endpoint(json::Object& out, std::string_view type) {
    const bool trail = type == "AuditEvent";
    const std::string_view prefix = trail ? type : "[type]";
    json::Array interactions;
    for (const auto interaction : {Interaction::read, Interaction::vread, Interaction::update, Interaction::patch, Interaction::remove, Interaction::history_instance,
                                   Interaction::history_type, Interaction::create, Interaction::search_type}) {
        const bool defined = interaction != Interaction::patch || type != "Binary";  // R4 binary.html
        if (defined && has_route(prefix, interaction)) interactions.push_back(code_entry(interaction_code(interaction)));
    }
    out.set("interaction", std::move(interactions));
    out.set("versioning", trail ? "versioned" : "versioned-update");
    if (!trail) {
        out.set("readHistory", true);
        out.set("updateCreate", true);
        out.set("conditionalCreate", true);
        out.set("conditionalRead", "full-support");
        out.set("conditionalUpdate", true);
        out.set("conditionalDelete", "single");
        // References to other servers are kept, and none is looked up: neither "local" nor "enforced".
        out.set("referencePolicy", json::Array{"literal", "logical"});
    }
    json::Array parameters;
    for (const auto* parameter : parameters_of(type)) {
        json::Object entry;
        entry.set("name", parameter->code);
        entry.set("definition", parameter->url);
        entry.set("type", definitions::to_string(parameter->type));
        parameters.emplace_back(std::move(entry));
    }
    out.set("searchParam", std::move(parameters));
}

json::Value resource_entry(std::string_view type) {
    const bool trail = type == "AuditEvent";
    json::Object out;
    out.set("type", type);
    out.set("profile", "http://hl7.org/fhir/StructureDefinition/" + std::string(type));
    if (has_endpoint(type)) describe_endpoint(out, type);
    json::Array operations;
    if (type == "Consent") operations.push_back(operation("ledger-status", "Where this Consent stands on the ledger"));
    if (type == "Patient") operations.push_back(operation("access-report", "Who saw what of this patient, when, why, under which consent"));
    if (trail) {
        operations.push_back(operation("proof", "The event's C2SP tlog-proof; without an id that of an entry of the log"));
        operations.push_back(operation("verify-integrity", "Checks a range of the audit chain"));
        operations.push_back(operation("consistency", "That the log's tree of so many entries is part of a later one, for auditors"));
        operations.push_back(operation("anchors", "The log's anchors on the ledger, a JSON object a line, for auditors"));
    } else {
        operations.push_back(operation("validate", "Every issue of a resource, without writing it", "http://hl7.org/fhir/OperationDefinition/Resource-validate"));
    }
    for (const auto& one : terminology::operations()) {
        if (one.type == type) operations.push_back(operation(one.name, "Over R4's own terminology, that of packages, and what is stored here", std::string(one.definition)));
    }
    out.set("operation", std::move(operations));
    return out;
}

json::Value security() {
    json::Object coding, service, out;
    coding.set("system", "http://terminology.hl7.org/CodeSystem/restful-security-service");
    coding.set("code", "OAuth");
    service.set("coding", json::Array{std::move(coding)});
    service.set("text", "Bearer tokens (JWT)");
    out.set("cors", false);
    out.set("service", json::Array{std::move(service)});
    out.set("description", "Every access is decided by the patient's Consent and leaves an AuditEvent in a hash chain before a byte leaves.");
    return out;
}

std::string capability_statement(const Services& services) {
    json::Object out, software, implementation, rest;
    out.set("resourceType", "CapabilityStatement");
    out.set("id", "kedge");
    out.set("status", "active");
    out.set("date", base::format_instant(services.clock.now_us()));
    out.set("kind", "instance");
    software.set("name", "kedge");
    software.set("version", services.settings.software_version);
    out.set("software", std::move(software));
    implementation.set("description", "kedge: a FHIR server where every access leaves proof");
    implementation.set("url", services.settings.base_url);
    out.set("implementation", std::move(implementation));
    out.set("fhirVersion", "4.0.1");
    out.set("format", json::Array{"application/fhir+json", "json", "application/fhir+xml", "xml"});
    json::Array patch_formats;
    for (const auto& type : patch::kMediaTypes) patch_formats.emplace_back(type.essence);
    out.set("patchFormat", std::move(patch_formats));
    rest.set("mode", "server");
    rest.set("security", security());
    json::Array resources;
    for (const auto type : definitions::resource_types()) resources.push_back(resource_entry(type));
    rest.set("resource", std::move(resources));
    rest.set("interaction", json::Array{code_entry("transaction"), code_entry("batch"), code_entry("search-system"), code_entry("history-system")});
    rest.set("operation", json::Array{operation("fhirpath", "A FHIRPath expression on a resource that is sent along, as the FHIRPath Lab asks for it",
                                                "http://fhirpath-lab.org/OperationDefinition/fhirpath")});
    out.set("rest", json::Array{std::move(rest)});
    return json::write(json::Value(std::move(out)));
}

}  // namespace

void capabilities(AttemptPtr attempt, const Services& services, const Then& then) {
    const auto query = http::parse_query(attempt->request.query);
    if (!query) return attempt->refuse(query.error()), then(attempt);
    const auto* mode = http::find_parameter(*query, "mode");
    if (mode == nullptr || *mode == "full") {
        attempt->reply.body = capability_statement(services);
    } else if (*mode == "terminology") {
        attempt->reply.body = terminology_capabilities(services);
    } else if (*mode == "normative") {
        attempt->refuse(base::Error{base::Kind::not_supported, "mode=normative is not built here; ask for full or terminology", {}, {}});
    } else {
        attempt->refuse(base::Error{base::Kind::invalid, "mode is full or terminology", {}, "value"});
    }
    then(attempt);
}

void smart_configuration(AttemptPtr attempt, const Services& services, const Then& then) {
    attempt->reply.body = services.smart_configuration();
    attempt->reply.content_type = "application/json";
    then(attempt);
}

}  // namespace rest
