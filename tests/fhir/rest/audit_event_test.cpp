// IHE BALP (ITI Basic Audit Log Patterns): the minimum of each pattern, one event per patient, refusals too.
#include "anchoring/chain/event_packing.hpp"
#include "fhir/rest/audit_event.hpp"

#include <gtest/gtest.h>

#include "storage/base/encoding.hpp"
#include "storage/base/json.hpp"

namespace rest {
namespace {

const Route kRead{"GET", "[type]/[id]", Interaction::read, false, false};
const Route kSearch{"GET", "[type]", Interaction::search_type, false, true};
const Route kOpen{"GET", "metadata", Interaction::capabilities, true, false};

Attempt attempt_on(const Route& route) {
    http::Request request;
    request.method = "GET";
    request.target = "/fhir/Patient?identifier=a%7Cb";
    request.remote_address = "192.0.2.7";
    request.request_id = "req-1";
    Attempt a(std::move(request), 1'700'000'000'123'000);
    a.action.route = &route;
    a.action.interaction = route.interaction;
    a.action.type = "Patient";
    a.action.id = "1";
    auto caller = std::make_shared<auth::Caller>();
    caller->requester.role = consent::Role::practitioner;
    caller->requester.subject = "Practitioner/7";
    caller->requester.purposes = {"TREAT"};
    caller->token_id = "jti-9";
    caller->client_id = "app";
    a.caller = caller;
    return a;
}

json::Value parsed(const chain::Submission& submission) {
    auto tree = json::parse(submission.content);
    EXPECT_TRUE(tree) << submission.content;
    EXPECT_EQ(json::write(*tree), submission.content) << "the committed bytes must be canonical";
    return *tree;
}
std::string agent_code(const json::Value& event, std::size_t i) {
    const auto& agent = (*event.find("agent")->if_array())[i];
    return std::string(agent.find("type")->find("coding")->if_array()->front().text("code"));
}

TEST(AuditEvent, OfAReadNamesWhoWhatAndUnderWhichConsent) {
    auto a = attempt_on(kRead);
    a.trail.note("1", 'R', "Patient/1/_history/3");
    a.trail.part("1", 'R').policies = {"Consent/5/_history/2"};
    const auto entries = audit_entries(a, "http://localhost/fhir");
    ASSERT_EQ(entries.size(), 1u);
    EXPECT_EQ(entries[0].key_patient, "1");
    EXPECT_EQ(entries[0].keys.action, 'R');
    EXPECT_EQ(entries[0].keys.entities, (std::vector<std::string>{"Patient/1", "req-1"})) << "what was read is the patient: found by it once";
    const auto event = parsed(entries[0]);
    EXPECT_EQ(event.text("action"), "R");
    EXPECT_EQ(event.text("outcome"), "0");
    EXPECT_EQ(event.text("recorded"), "2023-11-14T22:13:20.123Z");
    EXPECT_EQ(agent_code(event, 0), "110152");
    EXPECT_EQ(agent_code(event, 1), "110153");
    const auto& user = (*event.find("agent")->if_array())[2];
    EXPECT_EQ(user.find("who")->text("reference"), "Practitioner/7");
    EXPECT_EQ(*user.find("requestor")->if_bool(), true);
    EXPECT_EQ(user.find("network"), nullptr);
    EXPECT_EQ(*user.find("policy")->if_array()->front().if_string(), "Consent/5/_history/2");
    const auto& entities = *event.find("entity")->if_array();
    ASSERT_EQ(entities.size(), 3u);
    EXPECT_EQ(entities[0].find("what")->text("reference"), "Patient/1/_history/3");
    EXPECT_EQ(entities[1].find("what")->text("reference"), "Patient/1");
    EXPECT_EQ(entities[2].find("what")->find("identifier")->text("value"), "req-1");
}

TEST(AuditEvent, OfAQueryTurnsTheRolesRoundAndCarriesTheRawRequest) {
    auto a = attempt_on(kSearch);
    a.action.id.clear();
    a.trail.part("", 'E');
    const auto event = parsed(audit_entries(a, "http://localhost/fhir").front());
    EXPECT_EQ(event.text("action"), "E");
    EXPECT_EQ(agent_code(event, 0), "110153");
    EXPECT_EQ(agent_code(event, 1), "110152");
    const auto& query = event.find("entity")->if_array()->front();
    const auto raw = base::from_base64(query.text("query"));
    ASSERT_TRUE(raw);
    EXPECT_EQ(base::as_text(*raw), "GET /fhir/Patient?identifier=a%7Cb");
    EXPECT_EQ(query.find("what"), nullptr);
}

TEST(AuditEvent, IsOnePerPatientTouched) {
    auto a = attempt_on(kSearch);
    a.trail.note("1", 'E', "Observation/9/_history/1");
    a.trail.note("2", 'E', "Observation/8/_history/1");
    const auto entries = audit_entries(a, "http://localhost/fhir");
    ASSERT_EQ(entries.size(), 2u);
    EXPECT_EQ(entries[0].content.find("Patient/2"), std::string::npos);
    EXPECT_EQ(entries[1].content.find("Observation/9"), std::string::npos);
}

TEST(AuditEvent, OfARefusalSaysSoAndBringsNoKeyIntoBeing) {
    auto a = attempt_on(kRead);
    a.refuse(base::Error{base::Kind::not_found, "there is none", {}, {}});
    const auto entries = audit_entries(a, "http://localhost/fhir");
    ASSERT_EQ(entries.size(), 1u);
    EXPECT_TRUE(entries[0].key_patient.empty()) << "an id that nobody has must not make an audit key";
    EXPECT_EQ(entries[0].keys.outcome, 4);
    EXPECT_EQ(parsed(entries[0]).text("outcome"), "4");
}

TEST(AuditEvent, OfAWriteIsFollowedByItsWriteSet) {
    auto a = attempt_on(kRead);
    a.action.interaction = Interaction::create;
    a.trail.note("1", 'C', "Patient/1/_history/1");
    a.written.push_back(proof::Written{{1, 2, 3}, 17, 1, false, {}});
    const auto entries = audit_entries(a, "http://localhost/fhir");
    ASSERT_EQ(entries.size(), 2u);
    EXPECT_EQ(entries[1].kind, proof::EntryKind::write_set);
    const auto written = proof::decode_write_set(base::as_bytes(entries[1].content));
    ASSERT_TRUE(written);
    EXPECT_EQ(written->front().seq, 17u);
}

TEST(AuditEvent, IsNotMadeForOpenPages) {
    EXPECT_TRUE(audit_entries(attempt_on(kOpen), "http://localhost/fhir").empty());
}

// The log packs events by the renderer's own words (anchoring/chain/event_phrases.hpp). When the words here change and those do not
// follow, each event takes several times the room.
TEST(AuditEvent, IsMadeOfTheWordsThatTheLogKnows) {
    constexpr std::array kCases{std::tuple(Interaction::read, 'R', false), std::tuple(Interaction::create, 'C', false), std::tuple(Interaction::update, 'U', false),
                                std::tuple(Interaction::remove, 'D', false), std::tuple(Interaction::search_type, 'E', false), std::tuple(Interaction::read, 'R', true)};
    for (const auto& [interaction, action, refused] : kCases) {
        auto a = attempt_on(kRead);
        a.action.interaction = interaction;
        a.trail.note("p1", action, "Observation/0b7a4b1e-55c7-4f6c-8d7e-2f9b6f0a9c13/_history/1");
        if (refused) a.refuse(base::Error{base::Kind::forbidden, "no", {}, {}});
        for (const auto& entry : audit_entries(a, "http://localhost/fhir")) {
            if (entry.kind != proof::EntryKind::event) continue;
            base::Bytes packed;
            chain::pack_event(entry.content, packed);
            EXPECT_GT(entry.content.size(), 1500u);
            EXPECT_LT(packed.size(), 280u) << entry.content;
            EXPECT_EQ(chain::unpack_event(packed, entry.content.size()).value(), entry.content);
        }
    }
}

}  // namespace
}  // namespace rest
