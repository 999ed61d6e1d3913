#include "fhir/rest/ledger_extension.hpp"

#include "fhir/rest/interactions.hpp"
#include "fhir/rest/reading.hpp"

namespace rest {
namespace {

// (name, text) pairs in the order they are shown; empty ones are left out.
std::vector<std::pair<std::string_view, std::string>> fields(const consent::LedgerStatus& status) {
    std::vector<std::pair<std::string_view, std::string>> out{
        {"state", status.state},       {"finality", status.finality}, {"chainId", std::to_string(status.chain_id)}, {"contract", status.contract},
        {"consentId", status.consent_id}, {"termsHash", status.terms_hash}, {"txHash", status.txn_hash},
        {"blockHash", status.block_hash}, {"blockNumber", status.block_number == 0 ? "" : std::to_string(status.block_number)},
        {"signer", status.signer},     {"reason", status.reason}};
    std::erase_if(out, [](const auto& field) { return field.second.empty(); });
    return out;
}

json::Value extension_of(const consent::LedgerStatus& status) {
    json::Array parts;
    for (auto& [name, text] : fields(status)) {
        json::Object part;
        part.set("url", name);
        part.set("valueString", std::move(text));
        parts.emplace_back(std::move(part));
    }
    json::Object out;
    out.set("url", kLedgerExtension);
    out.set("extension", std::move(parts));
    return out;
}

}  // namespace

void strip_ledger_extension(json::Value& resource) {
    auto* object = resource.if_object();
    auto* extension = object == nullptr ? nullptr : object->find("extension");
    auto* list = extension == nullptr ? nullptr : extension->if_array();
    if (list == nullptr) return;
    std::erase_if(*list, [](const json::Value& one) { return one.text("url") == kLedgerExtension; });
    if (list->empty()) object->erase("extension");
}

base::Result<std::string> with_ledger_extension(const Services& services, const store::Record& record) {
    auto status = services.registry.status(record.id);
    if (!status) return base::pass(status);
    if (!*status) return record.body;
    auto tree = json::parse(record.body);
    if (!tree) return base::fail(base::Kind::corrupt, "a stored Consent does not parse");
    auto* object = tree->if_object();
    auto* present = object->find("extension");
    auto* list = present == nullptr ? object->set("extension", json::Array{}).if_array() : present->if_array();
    if (list == nullptr) return base::fail(base::Kind::corrupt, "a stored Consent has an extension that is no array");
    list->push_back(extension_of(**status));
    return json::write(*tree);
}

// Consent/{id}/$ledger-status -> Parameters. Who may read the Consent may ask.
void ledger_status(AttemptPtr attempt, const Services& services, const Then& then) {
    auto& a = *attempt;
    a.subtype = "$ledger-status";
    auto record = or_absent(services.store.read(a.duty, "Consent", a.action.id));
    if (!record) return a.refuse(record.error()), then(attempt);
    if (!*record) return a.refuse(not_found("Consent", a.action.id)), then(attempt);
    Access access(services, a);
    if (auto body = disclose(a, services, access, consent::Action::read, **record); !body) return a.refuse(body.error()), then(attempt);
    auto status = services.registry.status(a.action.id);
    if (!status) return a.refuse(status.error()), then(attempt);
    json::Array parameters;
    const auto shown = *status ? **status : consent::LedgerStatus{.state = "none", .finality = "pending"};
    for (auto& [name, text] : fields(shown)) {
        json::Object parameter;
        parameter.set("name", name);
        parameter.set("valueString", std::move(text));
        parameters.emplace_back(std::move(parameter));
    }
    json::Object out;
    out.set("resourceType", "Parameters");
    out.set("parameter", std::move(parameters));
    a.reply.body = json::write(json::Value(std::move(out)));
    then(attempt);
}

}  // namespace rest
