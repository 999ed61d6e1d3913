#include "consent/decide/decide.hpp"

#include "tests/consent/consents.hpp"

#include <gtest/gtest.h>

namespace consent_test {
namespace {

Requester of_organization(const char* organization, std::vector<std::string> purposes) {
    return {Role::practitioner, "Practitioner/9", organization, {}, std::move(purposes)};
}

TEST(Decide, WithoutConsentDenied) {
    const auto decision = ask({});
    EXPECT_FALSE(decision.permits());
    EXPECT_EQ(decision.rule, "opt-in-default");
    Policy shared;
    shared.opt_out = true;
    EXPECT_EQ(ask({}, practitioner(), observation(), Action::read, shared).rule, "opt-out-default");
    EXPECT_FALSE(ask({}, patient_user("2"), observation(), Action::read, shared).permits()) << "another patient is not the care system";
    EXPECT_FALSE(
        ask({permitting(R"("actor":[)" + actor("Practitioner/99") + "]")}, practitioner(), observation(), Action::read, shared).permits())
        << "who said something is no longer under the default";
}

TEST(Decide, ThePatientSeesTheOwnRecord) {
    for (const auto action : {Action::read, Action::search, Action::history, Action::operation}) {
        EXPECT_EQ(ask({denying("")}, patient_user(), observation(), action).rule, "own-record");
    }
    Requester no_purpose = patient_user();
    no_purpose.purposes.clear();
    EXPECT_TRUE(ask({denying("")}, no_purpose).permits());
    EXPECT_FALSE(ask({}, patient_user("2")).permits());
    EXPECT_FALSE(ask({permitting("")}, patient_user("2")).permits()) << "a permit for everyone does not mean other patients";
    EXPECT_TRUE(ask({permitting(R"("actor":[)" + actor("Patient/2") + "]")}, patient_user("2")).permits()) << "a proxy who is named";
    Requester pretender = practitioner();
    pretender.subject = "Patient/1";
    EXPECT_FALSE(ask({}, pretender).permits());
}

TEST(Decide, RolesWithoutClinicalAccess) {
    for (const auto role : {Role::admin, Role::auditor}) {
        Requester who = practitioner();
        who.role = role;
        who.organization = "Organization/1";
        EXPECT_EQ(ask({permitting("")}, who).rule, "role");
    }
    Facts event = observation();
    event.type = "AuditEvent";
    EXPECT_EQ(ask({permitting("")}, practitioner(), event).rule, "audit-events-apart");
    EXPECT_TRUE(ask({}, patient_user(), event).permits());
}

TEST(Decide, ASystemNeedsConsentLikeAPractitioner) {
    Requester app{Role::system, "Device/2", "Organization/5", {}, {"TREAT"}};
    EXPECT_FALSE(ask({}, app).permits());
    EXPECT_TRUE(ask({permitting(R"("actor":[)" + actor("Device/2") + "]")}, app).permits());
}

TEST(Decide, NeedsAPurposeAndTheCompartment) {
    EXPECT_EQ(ask({permitting("")}, practitioner({})).rule, "no-purpose");
    Facts elsewhere = observation();
    elsewhere.patients = {"2"};
    EXPECT_EQ(ask({permitting("")}, practitioner(), elsewhere).rule, "not-in-compartment");
    auto others = permitting("");
    others.patient = "2";
    EXPECT_FALSE(ask({others}).permits()) << "another patient's consent opens nothing";
}

TEST(Decide, AuthorOrganisation) {
    const auto own = of_organization("Organization/1", {"TREAT"});
    EXPECT_EQ(ask({}, own).rule, "author-organisation");
    EXPECT_FALSE(ask({}, of_organization("Organization/1", {"HRESCH"})).permits());
    EXPECT_FALSE(ask({}, of_organization("", {"TREAT"})).permits());
    Facts unowned = observation();
    unowned.owner_org.clear();
    EXPECT_FALSE(ask({}, of_organization("", {"TREAT"}), unowned).permits()) << "nobody equals nobody";
    EXPECT_EQ(ask({denying(R"("actor":[)" + actor("Organization/1") + "]")}, own).rule, "consent-deny");
    EXPECT_TRUE(ask({denying(R"("actor":[)" + actor("Organization/4") + "]")}, own).permits());
    Policy strict;
    strict.author_organization_access = false;
    EXPECT_FALSE(ask({}, own, observation(), Action::read, strict).permits());
    Requester patient = patient_user("2");
    patient.organization = "Organization/1";
    patient.purposes = {"TREAT"};
    EXPECT_FALSE(ask({}, patient).permits());
}

// The scenarios of the brief: who asks for what, and what one consent says to it.
struct Scenario {
    const char* name;
    std::string provision;
    Requester who;
    bool permits;
};
class Scenarios : public testing::TestWithParam<Scenario> {};
TEST_P(Scenarios, Decide) {
    const auto decision = ask({active(consent_json(GetParam().provision))}, GetParam().who);
    EXPECT_EQ(decision.permits(), GetParam().permits) << decision.rule;
    if (GetParam().permits) {
        EXPECT_EQ(decision.consents, std::vector<std::string>{"Consent/c/_history/1"});
    }
}
std::string for_org(const char* organization, const char* code) {
    return R"("type":"permit","actor":[)" + actor(organization) + R"(],"purpose":[)" + purpose(code) + "]";
}
const std::string kAbroad = "https://hospital.example.eu/fhir/Organization/4";
INSTANTIATE_TEST_SUITE_P(
    Decide, Scenarios,
    testing::Values(
        Scenario{"cross_border_treatment",
                 for_org(kAbroad.c_str(), "TREAT"),
                 {Role::practitioner, "Practitioner/9", "", {kAbroad}, {"TREAT"}},
                 true},
        Scenario{"cross_border_emergency_is_treatment",
                 for_org(kAbroad.c_str(), "TREAT"),
                 {Role::practitioner, "Practitioner/9", "", {kAbroad}, {"ETREAT"}},
                 true},
        Scenario{"cross_border_for_research",
                 for_org(kAbroad.c_str(), "TREAT"),
                 {Role::practitioner, "Practitioner/9", "", {kAbroad}, {"HRESCH"}},
                 false},
        Scenario{"cross_border_other_hospital", for_org(kAbroad.c_str(), "TREAT"), of_organization("Organization/4", {"TREAT"}), false},
        Scenario{"telemedicine_named_doctor", for_org("Practitioner/7", "TREAT"), practitioner(), true},
        Scenario{"telemedicine_by_role",
                 for_org("PractitionerRole/8", "TREAT"),
                 {Role::practitioner, "Practitioner/7", "Organization/2", {"PractitionerRole/8"}, {"TREAT"}},
                 true},
        Scenario{"telemedicine_other_doctor", for_org("Practitioner/8", "TREAT"), practitioner(), false},
        Scenario{"research", for_org("Organization/6", "HRESCH"), of_organization("Organization/6", {"HRESCH"}), true},
        Scenario{"research_by_kind", for_org("Organization/6", "HRESCH"), of_organization("Organization/6", {"CLINTRCH"}), true},
        Scenario{"research_kind_is_not_all", for_org("Organization/6", "CLINTRCH"), of_organization("Organization/6", {"HRESCH"}), false},
        Scenario{"research_then_treats", for_org("Organization/6", "HRESCH"), of_organization("Organization/6", {"TREAT"}), false},
        Scenario{"research_and_more", for_org("Organization/6", "HRESCH"), of_organization("Organization/6", {"HRESCH", "HMARKT"}), false},
        Scenario{"research_project", R"("type":"permit","purpose":[{"system":"http://example.org/p","code":"FooBar"}])",
                 practitioner({"http://example.org/p|FooBar"}), true},
        Scenario{"research_project_other_system", R"("type":"permit","purpose":[{"system":"http://example.org/p","code":"FooBar"}])",
                 practitioner({"http://other.org/p|FooBar"}), false},
        Scenario{"claims", for_org("Organization/8", "HPAYMT"), of_organization("Organization/8", {"HPAYMT"}), true},
        Scenario{"claims_attachment", for_org("Organization/8", "HPAYMT"), of_organization("Organization/8", {"CLMATTCH"}), true},
        Scenario{"claims_may_not_market", for_org("Organization/8", "HPAYMT"), of_organization("Organization/8", {"HMARKT"}), false},
        Scenario{"purpose_with_its_system", for_org("Practitioner/7", "TREAT"),
                 practitioner({"http://terminology.hl7.org/CodeSystem/v3-ActReason|TREAT"}), true},
        Scenario{"break_glass_is_granted_by_name", for_org("Practitioner/7", "TREAT"), practitioner({"BTG"}), false},
        Scenario{"patient_request_for_others", for_org("Organization/2", "PATRQT"), practitioner({"PATRQT"}), true},
        Scenario{"deny_all", R"("type":"deny")", practitioner(), false},
        Scenario{"access_named", R"("type":"permit","action":[)" + action("access") + "]", practitioner(), true},
        Scenario{"use_is_not_access", R"("type":"permit","action":[)" + action("use") + "," + action("disclose") + "]", practitioner(),
                 false},
        Scenario{"class", R"("type":"permit","class":[{"system":"http://hl7.org/fhir/resource-types","code":"Observation"}])",
                 practitioner(), true},
        Scenario{"other_class", R"("type":"permit","class":[{"system":"http://hl7.org/fhir/resource-types","code":"Condition"}])",
                 practitioner(), false},
        Scenario{
            "code",
            R"("type":"permit","code":[{"coding":[{"system":"http://loinc.org","code":"1"}]},{"coding":[{"system":"http://loinc.org","code":"8867-4"}]}])",
            practitioner(), true},
        Scenario{"other_code", R"("type":"permit","code":[{"coding":[{"system":"http://other.org","code":"8867-4"}]}])", practitioner(),
                 false},
        Scenario{"dependents", R"("type":"permit","data":[{"meaning":"dependents","reference":{"reference":"Encounter/e1"}}])",
                 practitioner(), true},
        Scenario{"related_observation_is_itself_only",
                 R"("type":"permit","data":[{"meaning":"related","reference":{"reference":"Observation/o2"}}])", practitioner(), false},
        Scenario{"and_of_elements",
                 for_org("Practitioner/7", "TREAT") + R"(,"code":[{"coding":[{"system":"http://loinc.org","code":"1"}]}])", practitioner(),
                 false}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(Decide, ADenyReachesFurtherThanAPermit) {
    const auto denies = [](const std::string& provision, const Requester& who, const Facts& facts = observation()) {
        return ask({permitting(""), denying(provision)}, who, facts).rule == "consent-deny";
    };
    EXPECT_TRUE(denies(R"("action":[)" + action("disclose") + "]", practitioner()));
    EXPECT_FALSE(denies(R"("action":[)" + action("correct") + "]", practitioner()));
    EXPECT_TRUE(denies(R"("purpose":[)" + purpose("TREAT") + "]", practitioner({"BTG"})));
    EXPECT_TRUE(denies(R"("purpose":[)" + purpose("CLINTRCH") + "]", practitioner({"HRESCH"}))) << "research may be a clinical trial";
    EXPECT_TRUE(denies(R"("purpose":[)" + purpose("HRESCH") + "]", practitioner({"TREAT", "HRESCH"}))) << "one of the purposes is enough";
    EXPECT_FALSE(denies(R"("purpose":[)" + purpose("BTG") + "]", practitioner({"TREAT"})));
    EXPECT_TRUE(denies(R"("purpose":[{"system":"http://example.org/p","code":"A"}])", practitioner({"http://example.org/p|B"})))
        << "an order that is not known";
    EXPECT_FALSE(denies(R"("actor":[)" + actor("Organization/4") + "]", practitioner()));
    Facts nobodys = observation();
    nobodys.authors.clear();
    nobodys.owner_org.clear();
    const std::string by = R"("data":[{"meaning":"authoredby","reference":{"reference":"Practitioner/4"}}])";
    EXPECT_TRUE(denies(by, practitioner(), nobodys)) << "an unknown author may be that one";
    EXPECT_FALSE(denies(by, practitioner()));
    EXPECT_TRUE(denies(R"("data":[{"meaning":"authoredby","reference":{"reference":"Organization/1"}}])", practitioner()))
        << "the writer's organisation";
    EXPECT_FALSE(ask({permitting(R"("data":[{"meaning":"authoredby","reference":{"reference":"Organization/1"}}])")}).permits());
}

TEST(Decide, UnknownTimeMatchesADenyAndNoPermit) {
    Facts timeless = observation();
    timeless.has_clinical_time = false;
    const std::string in_2022 = R"("dataPeriod":{"start":"2022","end":"2022"})";
    EXPECT_FALSE(ask({permitting(in_2022)}, practitioner(), timeless).permits());
    EXPECT_EQ(ask({permitting(""), denying(in_2022)}, practitioner(), timeless).rule, "consent-deny");
    EXPECT_TRUE(ask({permitting(in_2022)}).permits());
    EXPECT_EQ(ask({permitting(""), denying(in_2022)}).rule, "consent-deny");
    Facts all_2021 = observation();  // known by its year: [2021, 2022)
    all_2021.clinical_low = base::parse_datetime("2021")->low;
    all_2021.clinical_high = base::parse_datetime("2021")->high;
    EXPECT_FALSE(ask({permitting(in_2022)}, practitioner(), all_2021).permits()) << "it ends where the period begins";
    Facts new_year = observation();
    new_year.clinical_low = new_year.clinical_high = base::parse_datetime("2022-01-01T00:00:00Z")->low;
    EXPECT_TRUE(ask({permitting(in_2022)}, practitioner(), new_year).permits());
    const std::string in_2021 = R"("dataPeriod":{"start":"2021","end":"2021"})";
    EXPECT_FALSE(ask({permitting(in_2021)}).permits());
    EXPECT_TRUE(ask({permitting(""), denying(in_2021)}).permits());
}

TEST(Decide, ConfidentialityIsAHighWaterMark) {
    const auto permits = [](const char* level, const Facts& facts) {
        return ask({permitting(R"("securityLabel":[)" + label(level) + "]")}, practitioner(), facts).permits();
    };
    const auto denies = [](const char* level, const Facts& facts) {
        return ask({permitting(""), denying(R"("securityLabel":[)" + label(level) + "]")}, practitioner(), facts).rule == "consent-deny";
    };
    const char* const order[] = {"U", "L", "M", "N", "R", "V"};
    for (int rule = 0; rule < 6; ++rule) {
        for (int data = 0; data < 6; ++data) {
            EXPECT_EQ(permits(order[rule], labelled({order[data]})), data <= rule) << order[rule] << order[data];
            EXPECT_EQ(denies(order[rule], labelled({order[data]})), data >= rule) << order[rule] << order[data];
        }
    }
    EXPECT_FALSE(permits("N", labelled({}))) << "unlabelled counts as restricted";
    EXPECT_TRUE(permits("R", labelled({})));
    EXPECT_TRUE(denies("R", labelled({})));
    EXPECT_FALSE(denies("V", labelled({})));
    EXPECT_FALSE(permits("N", labelled({"N", "R"}))) << "the highest of several";
    EXPECT_FALSE(permits("R", labelled({"X"}))) << "an unknown level is the highest";
}

TEST(Decide, SensitivityBySubsumption) {
    const auto permits = [](const char* code, const Facts& facts) {
        return ask({permitting(R"("securityLabel":[)" + sensitivity(code) + "]")}, practitioner(), facts).permits();
    };
    const auto denies = [](const char* code, const Facts& facts) {
        return ask({permitting(""), denying(R"("securityLabel":[)" + sensitivity(code) + "]")}, practitioner(), facts).rule ==
               "consent-deny";
    };
    EXPECT_TRUE(permits("PSY", labelled({"R"}, {"PSY"})));
    EXPECT_TRUE(permits("ETH", labelled({"R"}, {"ETHUD"})));
    EXPECT_TRUE(permits("SUD", labelled({"R"}, {"ETHUD"})));
    EXPECT_FALSE(permits("ETHUD", labelled({"R"}, {"ETH"})));
    EXPECT_FALSE(permits("PSY", labelled({})));
    EXPECT_TRUE(denies("PSY", labelled({"R"}, {"PSY"})));
    EXPECT_TRUE(denies("ETHUD", labelled({"N"}, {"ETH"}))) << "labelled more widely: it may be that";
    EXPECT_FALSE(denies("PSY", labelled({"N"}, {"HIV"})));
    EXPECT_FALSE(denies("PSY", labelled({"N"})));
    EXPECT_TRUE(denies("PSY", labelled({}))) << "what nobody labelled may be anything";
}

TEST(Decide, APermitWithADataFilterOmitsTheRest) {
    // Under a policy that shares, the naive reading leaks what the permit does not name.
    const auto consent = permitting(R"("securityLabel":[)" + label("N") + "]", pcf("all-normal"));
    EXPECT_TRUE(ask({consent}, practitioner(), labelled({"N"})).permits());
    EXPECT_EQ(ask({consent}, practitioner(), labelled({"R"})).rule, "omission");
}

TEST(Decide, SilenceGoesToTheBasePolicy) {
    const std::string research = R"("actor":[)" + actor("Organization/6") + R"(],"purpose":[)" + purpose("HRESCH") + "]";
    EXPECT_TRUE(ask({permitting(research, pcf("basic-normal"))}).permits()) << "a clinician who treats";
    EXPECT_FALSE(ask({permitting(research, pcf("basic-normal"))}, practitioner({"HPAYMT"})).permits());
    EXPECT_FALSE(ask({permitting(research, pcf("basic-normal"))}, {Role::system, "Device/1", "", {}, {"TREAT"}}).permits());
    EXPECT_TRUE(ask({permitting(research, pcf("all-normal"))}, practitioner({"HPAYMT"})).permits());
    EXPECT_TRUE(ask({permitting(research, pcf("break-glass-only"))}, practitioner({"BTG"})).permits());
    EXPECT_FALSE(ask({permitting(research, pcf("break-glass-only"))}).permits());
    EXPECT_FALSE(ask({permitting(research, pcf("deny"))}).permits());
    EXPECT_FALSE(ask({permitting(research, policy_uri("http://example.org/p.txt"))}).permits());
    EXPECT_TRUE(ask({permitting(""), permitting(research, pcf("deny"))}).permits())
        << "silence denies nothing that another consent permits";
}

TEST(Decide, AgreeingToAPolicyIsAgreeingToThatPolicy) {
    EXPECT_TRUE(ask({permitting("", pcf("basic-normal"))}).permits());
    EXPECT_FALSE(ask({permitting("", pcf("basic-normal"))}, practitioner({"HMARKT"})).permits());
    EXPECT_FALSE(ask({permitting("", pcf("deny"))}).permits());
    EXPECT_EQ(ask({permitting("", pcf("break-glass-only"))}, of_organization("Organization/1", {"TREAT"})).rule, "consent-deny");
    EXPECT_TRUE(ask({permitting("", pcf("break-glass-only"))}, practitioner({"BTG"})).permits());
}

TEST(Decide, OptInAndOptOutRoots) {
    const std::string nested = R"("provision":[{"type":"permit","actor":[)" + actor("Practitioner/7") + "]}]";
    EXPECT_TRUE(ask({active(consent_json(nested, kOptIn))}).permits());
    Requester other = practitioner();
    other.subject = "Practitioner/8";
    EXPECT_EQ(ask({active(consent_json(nested, kOptIn))}, other).rule, "omission");
    EXPECT_TRUE(ask({active(consent_json(nested, kOptIn)), permitting("")}, other).permits()) << "two opt-ins add up";
    EXPECT_EQ(ask({active(consent_json(nested, kOptOut))}, other).rule, "consent-deny");
    EXPECT_TRUE(ask({active(consent_json(nested, kOptOut))}).permits());
    const std::string but = R"("provision":[{"type":"deny","actor":[)" + actor("Practitioner/7") + "]}]";
    EXPECT_TRUE(ask({active(consent_json(but, kOptOut), true, {{}, true})}, other).permits());
    EXPECT_FALSE(ask({active(consent_json(but, kOptOut), true, {{}, true})}).permits());
}

TEST(Decide, NestedExceptionsToAnyDepth) {
    const std::string deny_7 = R"({"type":"deny","actor":[)" + actor("Practitioner/7") + "]";
    EXPECT_EQ(ask({permitting(R"("provision":[)" + deny_7 + "}]")}).rule, "consent-deny");
    EXPECT_TRUE(
        ask({permitting(R"("provision":[)" + deny_7 + R"(,"provision":[{"type":"permit","purpose":[)" + purpose("TREAT") + "]}]}]")})
            .permits());
    EXPECT_FALSE(
        ask({permitting(R"("provision":[)" + deny_7 + R"(,"provision":[{"type":"permit","purpose":[)" + purpose("HPAYMT") + "]}]}]")})
            .permits());
    EXPECT_TRUE(ask({denying(R"("provision":[{"type":"permit","purpose":[)" + purpose("TREAT") + "]}]")}).permits());
    EXPECT_FALSE(
        ask({denying(
                R"("provision":[{"type":"permit"},{"type":"deny","code":[{"coding":[{"system":"http://loinc.org","code":"8867-4"}]}]}])")})
            .permits())
        << "siblings: the deny overrides";
    EXPECT_TRUE(ask({denying(R"("provision":[{"type":"permit","period":{"end":"2027"}}])")}).permits());
    EXPECT_FALSE(ask({denying(R"("provision":[{"type":"permit","period":{"end":"2025"}}])")}).permits());
}

TEST(Decide, SeveralConsentsThatDisagree) {
    auto first = permitting(""), second = denying(R"("actor":[)" + actor("Practitioner/7") + "]");
    first.reference = "Consent/a";
    second.reference = "Consent/b";
    for (const auto& order : {std::vector{first, second}, std::vector{second, first}}) {
        const auto decision = ask(order);
        EXPECT_EQ(decision.rule, "consent-deny");
        EXPECT_EQ(decision.consents, std::vector<std::string>{"Consent/b"});
    }
    auto third = permitting("");
    third.reference = "Consent/c";
    EXPECT_EQ(ask({first, third}).consents, (std::vector<std::string>{"Consent/a", "Consent/c"}));
}

TEST(Decide, OutsideItsPeriodAConsentSaysNothing) {
    EXPECT_EQ(ask({permitting(R"("period":{"end":"2026-11-21"})")}).rule, "opt-in-default");
    EXPECT_TRUE(ask({permitting(R"("period":{"end":"2026-11-22"})")}).permits()) << "the last day is within";
    EXPECT_FALSE(ask({permitting(R"("period":{"start":"2026-11-23"})")}).permits());
    EXPECT_TRUE(ask({permitting(""), denying(R"("period":{"end":"2026-11-21"})")}).permits());
    // Not understood, but surely over: it covers nothing any more.
    EXPECT_TRUE(ask({permitting(""), denying(R"("period":{"end":"2026-11-21"},"modifierExtension":[])")}).permits());
}

TEST(Decide, OnlyAPermitNeedsTheLedger) {
    EXPECT_EQ(ask({active(consent_json(R"("type":"permit")"), false)}).rule, "not-effective");
    EXPECT_EQ(ask({permitting(""), active(consent_json(R"("type":"deny")"), false)}).rule, "consent-deny");
}

TEST(Decide, AConsentWithoutRulesDenies) {
    EXPECT_EQ(ask({permitting(""), ActiveConsent{"Consent/x", "1", true, true, nullptr}}).rule, "not-understood");
}

TEST(Decide, EveryPatientMustPermit) {
    Facts shared = observation();
    shared.patients = {"1", "2"};
    const std::vector<ActiveConsent> one{permitting("")}, none;
    auto two = one;
    two[0].patient = "2";
    two[0].reference = "Consent/two";
    const auto all = [&](const std::vector<PatientConsents>& list) {
        return decide_all(practitioner(), Action::read, shared, list, {}, kNow);
    };
    EXPECT_TRUE(all({{"1", &one}, {"2", &two}}).permits());
    EXPECT_EQ(all({{"1", &one}, {"2", &two}}).consents.size(), 2u);
    EXPECT_FALSE(all({{"1", &one}, {"2", &none}}).permits());
    EXPECT_EQ(all({{"1", &one}}).rule, "not-in-compartment");
    EXPECT_FALSE(decide_all(patient_user(), Action::read, shared, {{"1", &none}, {"2", &none}}, {}, kNow).permits());
}

}  // namespace
}  // namespace consent_test
