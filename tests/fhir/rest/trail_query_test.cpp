// How an AuditEvent search is read: the same forms of references and tokens as in every other search.
#include "fhir/rest/audit_access.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace rest {
namespace {

using Strings = std::vector<std::string>;

base::Result<chain::EventQuery> asked(const std::string& name, const std::string& value, bool lenient = false) {
    Settings settings;
    settings.base_url = "http://localhost/fhir";
    http::Query used;
    return event_query({{name, value}}, settings, lenient, used);
}
bool has(const Strings& all, const std::string& one) {
    return std::find(all.begin(), all.end(), one) != all.end();
}

TEST(TrailQuery, APatientIsFoundByEveryFormOfTheReference) {
    for (const auto* value : {"p1", "Patient/p1", "http://localhost/fhir/Patient/p1", "https://localhost/fhir/Patient/p1"}) {
        const auto query = asked("patient", value);
        ASSERT_TRUE(query) << value << query.error().diagnostics;
        EXPECT_EQ(query->patients, Strings{"p1"}) << value;
    }
    EXPECT_EQ(asked("patient:Patient", "p1")->patients, Strings{"p1"});
    EXPECT_EQ(asked("patient", "p1,Patient/p2")->patients, (Strings{"p1", "p2"}));
}

TEST(TrailQuery, AgentAndEntityTakeTheTypeFromTheValueOrTheModifier) {
    EXPECT_EQ(asked("agent", "http://localhost/fhir/Practitioner/a")->agents, Strings{"Practitioner/a"});
    EXPECT_EQ(asked("agent:Practitioner", "a")->agents, Strings{"Practitioner/a"});
    EXPECT_EQ(asked("agent:Practitioner", "Practitioner/a")->agents, Strings{"Practitioner/a"});
    EXPECT_EQ(asked("agent:Patient", "a")->agents, Strings{"Patient/a"}) << "the modifier was passed over once";
    EXPECT_EQ(asked("entity:Observation", "a")->entities, Strings{"Observation/a"});
    EXPECT_EQ(asked("agent", "::1")->agents, Strings{"::1"}) << "the address of a stranger";
    const auto any = asked("agent", "a")->agents;
    for (const auto* one : {"a", "Practitioner/a", "Person/a", "Device/a", "Patient/a"}) EXPECT_TRUE(has(any, one)) << one;
    const auto entity = asked("entity", "a")->entities;
    for (const auto* one : {"a", "Observation/a", "Consent/a"}) EXPECT_TRUE(has(entity, one)) << one;
}

TEST(TrailQuery, WhatCanBeNoEntrysIsAnErrorThatNamesTheParameter) {
    const std::pair<const char*, const char*> kWrong[] = {
        {"agent:Patient", "Practitioner/a"},    {"patient", "Practitioner/a"},        {"patient", "Patient/p1/_history/1"},
        {"entity", "Patient/p1/_history/1"},    {"entity", "http://x/fhir/Patient/1"}, {"entity", "urn:uuid:6c1b3dd3-6f3c-4f5b-9fb9-000000000001"},
        {"entity", "patient/p1"},               {"entity", "#p1"},                     {"entity", "Patient?identifier=1"},
        {"agent:identifier", "a"},              {"agent:Nobody", "a"},                 {"subtype:not", "read"},
        {"action", "CR"},                       {"action", "c"},                       {"action", "R,"},
        {"outcome", "1"},                       {"subtype", "a|b|c"},                  {"_id", "AuditEvent/1"},
    };
    for (const auto& [name, value] : kWrong) {
        for (const bool lenient : {false, true}) {
            const auto query = asked(name, value, lenient);
            ASSERT_FALSE(query) << name << "=" << value;
            EXPECT_EQ(query.error().kind, base::Kind::invalid);
            EXPECT_FALSE(query.error().expression.empty());
        }
    }
}

TEST(TrailQuery, ATokensSystemIsCompared) {
    const std::string kRest = "http://hl7.org/fhir/restful-interaction|", kOperation = "http://kedge.dev/fhir/CodeSystem/operation|";
    EXPECT_EQ(asked("action", "C,R")->actions, "CR");
    EXPECT_EQ(asked("action", "http://hl7.org/fhir/audit-event-action|R")->actions, "R");
    EXPECT_EQ(asked("action", "http://hl7.org/fhir/audit-event-action|")->actions, "CRUDE");
    EXPECT_EQ(asked("outcome", "http://hl7.org/fhir/audit-event-outcome|4,0")->outcomes, (std::vector<std::uint8_t>{4, 0}));
    EXPECT_EQ(asked("subtype", kRest + "read")->subtypes, Strings{"read"});
    EXPECT_EQ(asked("subtype", "update")->subtypes, (Strings{"update", "patch"}));
    EXPECT_EQ(asked("subtype", kOperation + "expand")->subtypes, Strings{"expand"});
    EXPECT_EQ(asked("subtype", "http://kedge.dev/fhir/CodeSystem/operator-action|erase")->subtypes, Strings{"erase"});
    EXPECT_EQ(asked("subtype", "http://dicom.nema.org/resources/ontology/DCM|")->subtypes, Strings{"110122"});
    EXPECT_TRUE(has(asked("subtype", kRest + "operation")->subtypes, "expand"));
    const auto all = asked("subtype", kRest)->subtypes;
    for (const auto* one : {"read", "update", "patch", "batch", "transaction", "operation", "expand"}) EXPECT_TRUE(has(all, one)) << one;
    EXPECT_FALSE(has(all, "erase"));
    for (const auto* wrong : {"subtype=http://x|read", "subtype=|read", "action=http://x|R", "action=|R", "outcome=http://x|0"}) {
        const std::string text = wrong;
        EXPECT_TRUE(asked(text.substr(0, text.find('=')), text.substr(text.find('=') + 1))->nothing) << wrong;
    }
    EXPECT_TRUE(asked("subtype", kOperation + "read")->nothing);
    EXPECT_TRUE(asked("subtype", kRest + "expand")->nothing) << "an event of $expand has HL7's code operation";
    EXPECT_FALSE(asked("subtype", "http://x|read,read")->nothing);
}

}  // namespace
}  // namespace rest
