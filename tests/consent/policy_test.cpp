#include "tests/consent/consents.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

namespace consent_test {
namespace {

bool found(const ParsedConsent& consent, const std::string& place) {
    return std::any_of(consent.findings.begin(), consent.findings.end(), [&](const Finding& f) { return f.place == place; });
}

TEST(Policy, ReadsEveryElementOfAProvision) {
    const auto consent = parsed(consent_json(
        R"("type":"permit","period":{"start":"2026-01","end":"2026-12-31"},"actor":[)" + actor("Practitioner/7/_history/3") +
        R"(],"action":[)" + action("access") + R"(],"securityLabel":[)" + label("N") + "," + label("R") + "," + sensitivity("PSY") +
        R"(],"purpose":[)" + purpose("TREAT") +
        R"(,{"system":"http://example.org/p","code":"FooBar"}],"class":[{"system":"http://hl7.org/fhir/resource-types","code":"Observation"}],)"
        R"("code":[{"coding":[{"system":"http://loinc.org","code":"8867-4"}]}],"dataPeriod":{"start":"2022"},)"
        R"("data":[{"meaning":"authoredby","reference":{"reference":"Practitioner/3"}}],"provision":[{"type":"deny","provision":[{"type":"permit"}]}])"));
    ASSERT_TRUE(consent.understood()) << consent.findings.front().place << " " << consent.findings.front().reason;
    const Rule& root = *consent.root;
    EXPECT_EQ(consent.patient, "1");
    EXPECT_TRUE(consent.applicable);
    EXPECT_TRUE(consent.active());
    EXPECT_EQ(root.effect, Effect::permit);
    EXPECT_EQ(root.begin, base::parse_datetime("2026-01-01T00:00:00Z")->low);
    EXPECT_EQ(root.end, base::parse_datetime("2027-01-01T00:00:00Z")->low) << "the last day is within";
    EXPECT_EQ(root.actors, std::vector<std::string>{"Practitioner/7"});
    EXPECT_EQ(root.actions, std::vector<std::string>{"access"});
    EXPECT_EQ(root.confidentiality, 4);
    EXPECT_EQ(root.sensitivities, std::vector<std::string>{"PSY"});
    EXPECT_EQ(root.purposes, (std::vector<std::string>{"TREAT", "http://example.org/p|FooBar"}));
    EXPECT_EQ(root.types, std::vector<std::string>{"Observation"});
    EXPECT_EQ(root.codes, std::vector<std::string>{"http://loinc.org|8867-4"});
    ASSERT_TRUE(root.data_period);
    EXPECT_EQ(root.data_period->high, INT64_MAX);
    ASSERT_EQ(root.data.size(), 1u);
    ASSERT_EQ(root.nested.size(), 1u);
    EXPECT_EQ(root.nested[0].effect, Effect::deny);
    ASSERT_EQ(root.nested[0].nested.size(), 1u);
}

struct Doubt {
    const char* name;
    std::string provision, more, place;
};

class Doubts : public testing::TestWithParam<Doubt> {};

TEST_P(Doubts, AreNamedAndDeny) {
    const auto text = consent_json(GetParam().provision, GetParam().more);
    const auto consent = parsed(text);
    EXPECT_FALSE(consent.understood());
    EXPECT_TRUE(found(consent, GetParam().place)) << (consent.findings.empty() ? "none" : consent.findings.front().place);
    // Whatever else permits, this consent denies.
    const auto decision = ask({permitting(""), to_active(consent, "Consent/doubt", true)});
    EXPECT_FALSE(decision.permits());
    EXPECT_EQ(decision.rule, "not-understood");
    EXPECT_EQ(decision.consents, std::vector<std::string>{"Consent/doubt"});
}

const std::string kAny = R"("type":"permit")";
const std::string kModifier = R"("modifierExtension":[{"url":"http://example.org/not","valueBoolean":true}])";

INSTANTIATE_TEST_SUITE_P(
    Policy, Doubts,
    testing::Values(
        Doubt{"modifier_of_consent", kAny, "," + kModifier, "Consent.modifierExtension"},
        Doubt{"modifier_of_provision", kAny + "," + kModifier, "", "Consent.provision.modifierExtension"},
        Doubt{"modifier_nested", kAny + R"(,"provision":[{"type":"deny",)" + kModifier + "}]", "",
              "Consent.provision.provision[0].modifierExtension"},
        Doubt{"modifier_of_actor", kAny + R"(,"actor":[{)" + kModifier + "," + actor("Practitioner/7").substr(1) + "]", "",
              "Consent.provision.actor[0].modifierExtension"},
        Doubt{"unknown_element", kAny + R"(,"decision":"permit")", "", "Consent.provision.decision"},
        Doubt{"unknown_top_element", kAny, R"(,"grantor":[])", "Consent.grantor"},
        Doubt{"implicit_rules", kAny, R"(,"implicitRules":"http://example.org/r")", "Consent.implicitRules"},
        Doubt{"wrong_type", R"("type":"maybe")", "", "Consent.provision.type"},
        Doubt{"type_by_extension", R"("_type":{"extension":[]})", "", "Consent.provision.type"},
        Doubt{"nested_without_type", kAny + R"(,"provision":[{}])", "", "Consent.provision.provision[0].type"},
        Doubt{"empty_list", kAny + R"(,"actor":[])", "", "Consent.provision.actor"},
        Doubt{"actor_role", kAny + R"(,"actor":[)" + actor("Practitioner/7", "AUT") + "]", "", "Consent.provision.actor[0].role"},
        Doubt{"actor_display",
              kAny + R"(,"actor":[{"role":{"coding":[)" + v3("v3-ParticipationType", "IRCP") + R"(]},"reference":{"display":"Dr X"}}])", "",
              "Consent.provision.actor[0].reference"},
        Doubt{"actor_elsewhere_denied", R"("type":"deny","actor":[)" + actor("https://elsewhere.example/fhir/Practitioner/7") + "]", "",
              "Consent.provision.actor[0].reference"},
        Doubt{"actor_contained", kAny + R"(,"actor":[)" + actor("#x") + "]", "", "Consent.provision.actor[0].reference"},
        Doubt{"action_foreign", kAny + R"(,"action":[{"coding":[{"system":"http://example.org","code":"access"}]}])", "",
              "Consent.provision.action[0]"},
        Doubt{"action_text", kAny + R"(,"action":[{"text":"look at"}])", "", "Consent.provision.action[0]"},
        Doubt{"label_foreign", kAny + R"(,"securityLabel":[{"system":"http://example.org","code":"N"}])", "",
              "Consent.provision.securityLabel[0]"},
        Doubt{"label_unknown", kAny + R"(,"securityLabel":[)" + sensitivity("NOSUCH") + "]", "", "Consent.provision.securityLabel[0]"},
        Doubt{"purpose_unknown", kAny + R"(,"purpose":[)" + purpose("NOSUCH") + "]", "", "Consent.provision.purpose[0]"},
        Doubt{"purpose_bare", kAny + R"(,"purpose":[{"code":"TREAT"}])", "", "Consent.provision.purpose[0]"},
        Doubt{"class_foreign", kAny + R"(,"class":[{"system":"urn:ietf:bcp:13","code":"application/hl7-cda+xml"}])", "",
              "Consent.provision.class[0]"},
        Doubt{"class_profile_denied", R"("type":"deny","class":[{"system":"urn:ietf:rfc:3986","code":"http://example.org/p"}])", "",
              "Consent.provision.class[0]"},
        Doubt{"code_text", kAny + R"(,"code":[{"text":"HIV"}])", "", "Consent.provision.code[0]"},
        Doubt{"data_related_denied", R"("type":"deny","data":[{"meaning":"related","reference":{"reference":"Observation/1"}}])", "",
              "Consent.provision.data[0].meaning"},
        Doubt{"data_meaning", kAny + R"(,"data":[{"meaning":"near","reference":{"reference":"Observation/1"}}])", "",
              "Consent.provision.data[0].meaning"},
        Doubt{"period_text", kAny + R"(,"period":{"start":"soon"})", "", "Consent.provision.period.start"},
        Doubt{"period_backwards", kAny + R"(,"dataPeriod":{"start":"2023","end":"2022"})", "", "Consent.provision.dataPeriod"},
        Doubt{"unverified", kAny, R"(,"verification":[{"verified":true},{"verified":false}])", "Consent.verification[1].verified"},
        Doubt{"policies_differ", kAny, pcf("deny") + kOptIn, "Consent.policy"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(Policy, OrdinaryExtensionsAreNoDoubt) {
    EXPECT_TRUE(parsed(consent_json(R"("type":"permit","extension":[{"url":"http://example.org","valueCode":"x"}],"_type":{"id":"a"})",
                                    R"(,"_dateTime":{"id":"b"},"dateTime":"2026","verification":[{"verified":true}])"))
                    .understood());
}

TEST(Policy, OtherScopesDecideNothingAndUnknownOnesDeny) {
    auto text = consent_json(kAny);
    const auto with_scope = [&](const char* code) {
        auto changed = text;
        changed.replace(changed.find("patient-privacy"), 15, code);
        return parsed(changed);
    };
    EXPECT_FALSE(with_scope("research").applicable);
    EXPECT_TRUE(with_scope("research").understood());
    EXPECT_FALSE(with_scope("adr").applicable);
    EXPECT_TRUE(with_scope("mystery").applicable);
    EXPECT_FALSE(with_scope("mystery").understood());
}

TEST(Policy, StatusAndPatientAreRead) {
    EXPECT_FALSE(parsed(consent_json(kAny, "", "proposed")).active());
    auto text = consent_json(kAny);
    text.replace(text.find("Patient/1"), 9, "Group/1");
    EXPECT_TRUE(found(parsed(text), "Consent.patient"));
    text = consent_json(kAny);
    text.replace(text.find("Patient/1"), 9, "https://k.example/fhir/Patient/1");
    EXPECT_TRUE(parsed(text).patient.empty());
    EXPECT_EQ(parsed(text, {{"https://k.example/fhir/"}, false}).patient, "1");
}

TEST(Policy, AForeignResourceIsRefused) {
    const auto refused = parse_consent(*json::parse(R"({"resourceType":"Patient"})"), {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, base::Kind::invalid);
    EXPECT_FALSE(parse_consent(*json::parse("[]"), {}));
}

TEST(Policy, TooManyProvisionsAreADoubt) {
    std::string nested = R"({"type":"deny"})";
    for (std::size_t i = 1; i < kMaxProvisions; ++i) nested += R"(,{"type":"deny"})";
    const auto over = parsed(consent_json(kAny + R"(,"provision":[)" + nested + "]"));
    EXPECT_FALSE(over.understood());
    EXPECT_NE(over.findings.front().reason.find("256"), std::string::npos) << "the finding names the limit";
    nested.resize(nested.size() - std::string(R"(,{"type":"deny"})").size());
    EXPECT_TRUE(parsed(consent_json(kAny + R"(,"provision":[)" + nested + "]")).understood());
}

TEST(Policy, RootWithoutTypeTakesItFromThePolicy) {
    EXPECT_EQ(parsed(consent_json("", kOptIn)).root->effect, Effect::by_policy);
    EXPECT_EQ(parsed(consent_json("", kOptOut)).root->effect, Effect::deny) << "v3-ActCode: the grantor's dissent";
    EXPECT_EQ(parsed(consent_json("", kOptOut), {{}, true}).root->effect, Effect::by_policy);
    EXPECT_EQ(parsed(consent_json("", pcf("basic-normal"))).root->effect, Effect::by_policy);
    EXPECT_EQ(parsed(consent_json("", pcf("deny"))).root->effect, Effect::deny);
    EXPECT_EQ(parsed(consent_json("", policy_uri("http://example.org/p.txt"))).root->effect, Effect::deny);
    EXPECT_EQ(parsed(consent_json("")).root->effect, Effect::deny);
}

// HL7's own R4 examples, where the test data is at hand.
TEST(Policy, ReadsTheExamplesOfR4) {
    const char* data = std::getenv("KEDGE_TEST_DATA");
    const auto folder = std::filesystem::path(data ? data : KEDGE_SOURCE_DIR "/../shared/data") / "r4-examples/json";
    if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no R4 examples at " << folder;
    int read = 0;
    for (const auto* name : {"consent-example-signature.json", "consent-example-smartonfhir.json"}) {
        std::ifstream file(folder / name);
        std::stringstream text;
        text << file.rdbuf();
        const auto consent = parsed(text.str());
        EXPECT_TRUE(consent.active() && consent.applicable) << name;
        if (std::string(name) == "consent-example-smartonfhir.json") {
            EXPECT_TRUE(consent.understood()) << consent.findings.front().place;
            EXPECT_EQ(consent.root->nested.at(0).types, std::vector<std::string>{"MedicationRequest"});
        } else {
            // An author as actor and a CDA document as class: neither can be decided here, so the consent denies.
            EXPECT_TRUE(found(consent, "Consent.provision.provision[0].actor[0].role"));
            EXPECT_TRUE(found(consent, "Consent.provision.provision[0].class[0]"));
        }
        ++read;
    }
    EXPECT_EQ(read, 2);
}

}  // namespace
}  // namespace consent_test
