#include "fhir/server/operator_event.hpp"

#include "storage/base/json.hpp"
#include "storage/crypto/random.hpp"

namespace server {
namespace {

json::Value coding(std::string_view system, std::string_view code, std::string_view display) {
    json::Object out;
    out.set("system", system);
    out.set("code", code);
    if (!display.empty()) out.set("display", display);
    return json::Value(std::move(out));
}

}  // namespace

chain::Submission operator_event(const Instance& instance, const OperatorAction& action) {
    chain::Submission out;
    const auto now = instance.clock.now_us();
    out.keys.id = crypto::random_uuid();
    out.keys.recorded_us = now;
    out.keys.agents = {"operator"};
    out.keys.action = action.action;
    out.keys.subtype = action.subtype;
    const auto instant = base::format_instant(now);
    auto event = json::parse(R"({"resourceType":"AuditEvent","id":"","meta":{"versionId":"1","lastUpdated":""},"type":{},"subtype":[],)"
                             R"("action":"","recorded":"","outcome":"0","outcomeDesc":"","agent":[{"who":{"display":"operator"},"requestor":true}],)"
                             R"("source":{"observer":{"display":"kedge"}}})");
    CHECK(event.has_value());
    auto& object = *event->if_object();
    object.set("id", out.keys.id);
    object.find("meta")->if_object()->set("lastUpdated", instant);
    object.set("type", coding(action.system, action.code, action.display));
    object.find("subtype")->if_array()->push_back(coding("http://kedge.dev/fhir/CodeSystem/operator-action", action.subtype, ""));
    object.set("action", std::string(1, action.action));
    object.set("recorded", instant);
    object.set("outcomeDesc", action.outcome);
    json::Object entity;
    if (!action.reference.empty()) {
        json::Object what;
        what.set("reference", action.reference);
        entity.set("what", json::Value(std::move(what)));
        out.keys.entities = {action.reference};
    }
    if (!action.entity_name.empty()) entity.set("name", action.entity_name);
    if (!entity.empty()) object.set("entity", json::Array{json::Value(std::move(entity))});
    out.content = json::write(*event);
    return out;
}

}  // namespace server
