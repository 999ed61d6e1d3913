#include "tests/consent/consents.hpp"

#include <gtest/gtest.h>

namespace consent_test {
namespace {

Requester doctor_of(const char* organization, std::vector<std::string> purposes = {"TREAT"}) {
    return {Role::practitioner, "Practitioner/9", organization, {}, std::move(purposes)};
}

Facts consent_facts(const char* status, const char* owner = "Organization/9") {
    Facts facts;
    facts.type = "Consent";
    facts.id = "c2";
    facts.patients = {"1"};
    facts.owner_org = owner;
    facts.codes = {std::string("http://hl7.org/fhir/consent-state-codes|") + status};
    return facts;
}

TEST(DecideWrite, WhoTreatsMayCreate) {
    Facts mine = observation();
    mine.owner_org = "Organization/9";
    EXPECT_EQ(ask({}, doctor_of("Organization/9"), mine, Action::create).rule, "author-organisation");
    mine.owner_org.clear();
    EXPECT_TRUE(ask({}, doctor_of("Organization/9"), mine, Action::create).permits());
    EXPECT_EQ(ask({}, doctor_of(""), mine, Action::create).rule, "no-treatment-relationship");
    EXPECT_FALSE(ask({}, doctor_of("Organization/9", {"HRESCH"}), mine, Action::create).permits());
    EXPECT_FALSE(ask({}, doctor_of("Organization/9"), observation(), Action::create).permits()) << "in another organisation's name";
    EXPECT_EQ(ask({denying(R"("action":[)" + action("collect") + "]")}, doctor_of("Organization/9"), mine, Action::create).rule,
              "consent-deny");
    EXPECT_TRUE(ask({denying(R"("action":[)" + action("access") + "]")}, doctor_of("Organization/9"), mine, Action::create).permits());
    EXPECT_TRUE(ask({permitting(R"("action":[)" + action("collect") + "]")}, doctor_of("", {"HRESCH"}), mine, Action::create).permits());
}

TEST(DecideWrite, ChangingTakesReadingAndAuthorship) {
    for (const auto change : {Action::update, Action::remove}) {
        EXPECT_TRUE(ask({}, doctor_of("Organization/1"), observation(), change).permits()) << "the author's organisation, for treatment";
        EXPECT_EQ(ask({permitting("")}, doctor_of("Organization/2"), observation(), change).rule, "not-the-author");
        Requester author = doctor_of("Organization/2");
        author.subject = "Practitioner/3";
        EXPECT_EQ(ask({permitting("")}, author, observation(), change).rule, "author");
        EXPECT_FALSE(ask({}, author, observation(), change).permits()) << "authorship alone does not read";
        EXPECT_EQ(ask({permitting(R"("action":[)" + action("access") + "," + action("correct") + "]")}, doctor_of("Organization/2"),
                      observation(), change)
                      .rule,
                  "correct-by-consent");
        EXPECT_FALSE(
            ask({permitting(R"("action":[)" + action("correct") + "]")}, doctor_of("Organization/2"), observation(), change).permits())
            << "correcting blindly";
        EXPECT_EQ(ask({denying(R"("action":[)" + action("correct") + "]")}, doctor_of("Organization/1"), observation(), change).rule,
                  "consent-deny");
        EXPECT_FALSE(ask({permitting("", pcf("all-normal"))}, doctor_of("Organization/2"), observation(), change).permits());
    }
}

TEST(DecideWrite, ThePatientWritesWhatIsHers) {
    EXPECT_EQ(ask({}, patient_user(), observation(), Action::update).rule, "own-record-read-only");
    Facts measured = observation();
    measured.authors = {"Patient/1"};
    for (const auto write : {Action::create, Action::update, Action::remove}) {
        EXPECT_TRUE(ask({}, patient_user(), measured, write).permits());
        EXPECT_TRUE(ask({denying("")}, patient_user(), consent_facts("active", ""), write).permits());
    }
    Facts event = measured;
    event.type = "AuditEvent";
    EXPECT_FALSE(ask({}, patient_user(), event, Action::create).permits());
    EXPECT_FALSE(ask({permitting(R"("actor":[)" + actor("Patient/2") + "]")}, patient_user("2"), measured, Action::update).permits());
}

TEST(DecideWrite, NobodyGivesHimselfAccess) {
    const auto org9 = doctor_of("Organization/9");
    for (const auto write : {Action::create, Action::update, Action::remove}) {
        EXPECT_EQ(ask({permitting("")}, org9, consent_facts("active"), write).rule, "consent-is-the-patients");
        EXPECT_EQ(ask({permitting("")}, org9, consent_facts("inactive"), write).rule, "consent-is-the-patients")
            << "ending a deny would open";
        EXPECT_EQ(ask({}, org9, consent_facts("proposed"), write).rule, "consent-proposal");
    }
    EXPECT_EQ(ask({}, doctor_of("Organization/9", {"HRESCH"}), consent_facts("proposed"), Action::create).rule, "consent-proposal")
        << "researchers ask too";
    EXPECT_EQ(ask({}, doctor_of("Organization/9", {"HRESCH"}), consent_facts("proposed"), Action::read).rule, "consent-proposal");
    EXPECT_FALSE(ask({}, doctor_of("Organization/8"), consent_facts("proposed"), Action::read).permits());
    EXPECT_FALSE(ask({}, doctor_of("Organization/8"), consent_facts("proposed"), Action::update).permits());
    EXPECT_EQ(ask({denying("")}, org9, consent_facts("proposed"), Action::create).rule, "consent-is-the-patients");
    Facts disguised = consent_facts("active");
    disguised.codes.push_back("http://hl7.org/fhir/consent-state-codes|proposed");  // say, in Consent.category
    EXPECT_EQ(ask({}, org9, disguised, Action::create).rule, "consent-is-the-patients");
    Facts no_status = consent_facts("proposed");
    no_status.codes.clear();
    EXPECT_FALSE(ask({}, org9, no_status, Action::create).permits()) << "facts without a status fail closed";
    Policy policy;
    policy.consent_recorders = {"Organization/9"};
    EXPECT_EQ(ask({}, org9, consent_facts("active"), Action::create, policy).rule, "consent-recorder");
    EXPECT_FALSE(ask({}, doctor_of("Organization/8"), consent_facts("active"), Action::create, policy).permits());
}

TEST(DecideWrite, RolesThatNeverWriteClinically) {
    for (const auto role : {Role::admin, Role::auditor}) {
        Requester who = doctor_of("Organization/1");
        who.role = role;
        EXPECT_FALSE(ask({permitting("")}, who, observation(), Action::update).permits());
    }
}

struct UnownedCase {
    const char* type;
    Action action;
    bool patient, practitioner, system, auditor, admin;
};
class Unowned : public testing::TestWithParam<UnownedCase> {};
TEST_P(Unowned, ByRole) {
    const auto& c = GetParam();
    Facts facts;
    facts.type = c.type;
    facts.id = "x";
    facts.owner_org = "Organization/1";
    const auto may = [&](Role role) {
        Requester who{role, "X/1", role == Role::patient ? "" : "Organization/1", {}, {"TREAT"}};
        return decide_all(who, c.action, facts, {}, {}, kNow).permits();
    };
    EXPECT_EQ(may(Role::patient), c.patient);
    EXPECT_EQ(may(Role::practitioner), c.practitioner);
    EXPECT_EQ(may(Role::system), c.system);
    EXPECT_EQ(may(Role::auditor), c.auditor);
    EXPECT_EQ(may(Role::admin), c.admin);
}
INSTANTIATE_TEST_SUITE_P(DecideWrite, Unowned,
                         testing::Values(UnownedCase{"Organization", Action::read, true, true, true, true, true},
                                         UnownedCase{"ValueSet", Action::search, true, true, true, true, true},
                                         UnownedCase{"Organization", Action::create, false, true, true, false, true},
                                         UnownedCase{"Practitioner", Action::update, false, true, true, false, true},
                                         UnownedCase{"ValueSet", Action::create, false, false, true, false, true},
                                         UnownedCase{"StructureDefinition", Action::remove, false, false, true, false, true},
                                         UnownedCase{"Observation", Action::read, false, true, true, false, false},
                                         UnownedCase{"Observation", Action::create, false, true, true, false, false},
                                         UnownedCase{"Binary", Action::read, false, true, true, false, false},
                                         UnownedCase{"Subscription", Action::read, false, true, true, false, false},
                                         UnownedCase{"AuditEvent", Action::read, false, false, false, false, false}));

TEST(DecideWrite, UnownedClinicalContentStaysWithItsOrganisation) {
    Facts facts;
    facts.type = "Observation";
    facts.owner_org = "Organization/1";
    EXPECT_EQ(decide_unowned(doctor_of("Organization/2"), Action::read, facts, {}).rule, "other-organisation");
    EXPECT_EQ(decide_unowned(doctor_of(""), Action::read, facts, {}).rule, "no-organisation");
    facts.type = "Device";
    facts.references = {"Patient/1"};
    EXPECT_FALSE(decide_unowned(doctor_of("Organization/2"), Action::read, facts, {}).permits())
        << "a device that names a patient is no register entry";
}

}  // namespace
}  // namespace consent_test
