// The 22 examples of IHE PCF (ITI.PCF, input/fsh/consent.fsh), rebuilt from its descriptions, with the decisions that its notes say.
#include "tests/consent/consents.hpp"

#include <gtest/gtest.h>

namespace consent_test {
namespace {

const std::string kBasic = policy_uri("http://example.org/policies/basePrivacyConsentPolicy.txt");
const std::string kPermitTpo = R"("type":"permit","purpose":[)" + kTpo + "]";
const std::string kIn2022 = R"("dataPeriod":{"start":"2022-01","end":"2022-12"})";

std::string data(const char* meaning, const char* reference) {
    return std::string(R"({"meaning":")") + meaning + R"(","reference":{"reference":")" + reference + R"("}})";
}
std::string list(const char* name, const std::string& items) {
    return std::string(R"(,")") + name + R"(":[)" + items + "]";
}

Requester treating() {
    return practitioner({"TREAT"});
}
Requester focused() {
    Requester who = practitioner({"TREAT"});
    who.subject = "Practitioner/ex-practitioner";
    return who;
}
Facts in_year(const char* year) {
    Facts facts = observation();
    facts.clinical_low = facts.clinical_high = base::parse_datetime(std::string(year) + "-06-15")->low;
    return facts;
}
Facts authored_by(const char* who) {
    Facts facts = observation();
    facts.authors = {who};
    return facts;
}
Facts in_encounter(const char* encounter) {
    Facts facts = observation();
    facts.references = {"Patient/1", encounter};
    return facts;
}
Facts instance(const char* id) {
    Facts facts = observation();
    facts.id = id;
    return facts;
}

struct Example {
    const char* name;
    std::string provision, more;
    Requester who;
    Facts facts;
    bool permits;
};
class Pcf : public testing::TestWithParam<Example> {};
TEST_P(Pcf, Decides) {
    const auto consent = active(consent_json(GetParam().provision, GetParam().more));
    EXPECT_TRUE(consent.understood);
    const auto decision = ask({consent}, GetParam().who, GetParam().facts);
    EXPECT_EQ(decision.permits(), GetParam().permits) << decision.rule;
}

const std::string kNormal = kPermitTpo + list("securityLabel", label("N"));
const std::string kBreakGlassRestricted =
    kNormal + list("provision", R"({"type":"permit")" + list("purpose", purpose("BTG")) + list("securityLabel", label("R")) + "}");
const std::string kFocusedPsy = kNormal + list("provision", R"({"type":"permit")" + list("securityLabel", sensitivity("PSY")) +
                                                                list("actor", actor("Practitioner/ex-practitioner")) + "}");
const std::string kFocusedPsyOrSdv =
    kNormal + list("provision", R"({"type":"permit")" + list("securityLabel", sensitivity("PSY") + "," + sensitivity("SDV")) +
                                    list("actor", actor("Practitioner/ex-practitioner")) + "}");
const std::string kFocusedRestricted = kNormal + list("provision", R"({"type":"permit")" + list("securityLabel", label("R")) +
                                                                       list("actor", actor("Practitioner/ex-practitioner")) + "}");
const std::string kBreakGlassDissent =
    R"("type":"deny")" + list("provision", R"({"type":"permit")" + list("purpose", purpose("BTG")) + "}");
const std::string kFooBar = R"("type":"permit","purpose":[{"system":"http://example.org/policies/purposeOfUse","code":"FooBar"}])" +
                            list("actor", actor("Organization/ex-org-researcher"));
const Requester kResearcher{
    Role::practitioner, "Practitioner/r", "Organization/ex-org-researcher", {}, {"http://example.org/policies/purposeOfUse|FooBar"}};
const std::string kNotData =
    kPermitTpo + list("provision", R"({"type":"deny")" + list("data", data("instance", "Observation/ex-alcoholUse")) + "}");
const std::string kNamedData =
    kPermitTpo + list("data", data("instance", "Encounter/ex-encounter") + "," + data("instance", "Observation/ex-bloodSugar"));

INSTANTIATE_TEST_SUITE_P(
    Basic, Pcf,
    testing::Values(Example{"treat", kPermitTpo, kBasic, treating(), observation(), true},
                    Example{"treat_for_payment", kPermitTpo, kBasic, practitioner({"HPAYMT"}), observation(), true},
                    Example{"treat_for_research", kPermitTpo, kBasic, practitioner({"HRESCH"}), observation(), false},
                    Example{"ink", kPermitTpo, kBasic + R"(,"sourceReference":{"reference":"DocumentReference/ex-consent-ink"})",
                            treating(), observation(), true},
                    Example{"expired", kPermitTpo + R"(,"period":{"end":"2022-12-31"})", kBasic, treating(), observation(), false},
                    Example{"reject", R"("type":"deny","purpose":[)" + kTpo + "]", kBasic, treating(), observation(), false},
                    Example{"reject_for_research", R"("type":"deny","purpose":[)" + kTpo + "]", kBasic, practitioner({"HRESCH"}),
                            observation(), false}),
    [](const auto& info) { return std::string(info.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Intermediate, Pcf,
    testing::Values(
        Example{"timeframe", kPermitTpo + "," + kIn2022, kBasic, treating(), in_year("2022"), true},
        Example{"timeframe_outside", kPermitTpo + "," + kIn2022, kBasic, treating(), in_year("2023"), false},
        Example{"not_timeframe", kPermitTpo + list("provision", R"({"type":"deny",)" + kIn2022 + "}"), kBasic, treating(), in_year("2022"),
                false},
        Example{"not_timeframe_outside", kPermitTpo + list("provision", R"({"type":"deny",)" + kIn2022 + "}"), kBasic, treating(),
                in_year("2023"), true},
        Example{"authoredby", kPermitTpo + list("data", data("authoredby", "Practitioner/ex-practitioner")), kBasic, treating(),
                authored_by("Practitioner/ex-practitioner"), true},
        Example{"authoredby_other", kPermitTpo + list("data", data("authoredby", "Practitioner/ex-practitioner")), kBasic, treating(),
                authored_by("Practitioner/x"), false},
        Example{
            "not_authoredby",
            kPermitTpo + list("provision", R"({"type":"deny")" + list("data", data("authoredby", "Practitioner/ex-practitioner")) + "}"),
            kBasic, treating(), authored_by("Practitioner/ex-practitioner"), false},
        Example{
            "not_authoredby_other",
            kPermitTpo + list("provision", R"({"type":"deny")" + list("data", data("authoredby", "Practitioner/ex-practitioner")) + "}"),
            kBasic, treating(), authored_by("Practitioner/x"), true},
        Example{"encounter", kPermitTpo + list("data", data("related", "Encounter/ex-encounter")), kBasic, treating(),
                in_encounter("Encounter/ex-encounter"), true},
        Example{"encounter_other", kPermitTpo + list("data", data("related", "Encounter/ex-encounter")), kBasic, treating(),
                in_encounter("Encounter/x"), false},
        Example{"not_encounter",
                kPermitTpo + list("provision", R"({"type":"deny")" + list("data", data("related", "Encounter/ex-encounter")) + "}"), kBasic,
                treating(), in_encounter("Encounter/ex-encounter"), false},
        Example{"not_encounter_other",
                kPermitTpo + list("provision", R"({"type":"deny")" + list("data", data("related", "Encounter/ex-encounter")) + "}"), kBasic,
                treating(), in_encounter("Encounter/x"), true},
        Example{"data", kNamedData, kBasic, treating(), instance("ex-bloodSugar"), true},
        Example{"data_other", kNamedData, kBasic, treating(), instance("ex-weight"), false},
        Example{"not_data", kNotData, kBasic, treating(), instance("ex-alcoholUse"), false},
        Example{"not_data_other", kNotData, kBasic, treating(), instance("ex-weight"), true},
        Example{"purpose", kFooBar, pcf("basic-normal"), kResearcher, observation(), true},
        Example{"purpose_base_policy_decides", kFooBar, pcf("basic-normal"), treating(), observation(), true},
        Example{"purpose_other_organisation", kFooBar, policy_uri("http://example.org/policies/researchFooBar.txt"),
                practitioner({"http://example.org/policies/purposeOfUse|FooBar"}), observation(), false},
        Example{"dissent_break_glass", kBreakGlassDissent, kBasic, practitioner({"BTG"}), observation(), true},
        Example{"dissent_without_break_glass", kBreakGlassDissent, kBasic, treating(), observation(), false}),
    [](const auto& info) { return std::string(info.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Advanced, Pcf,
    testing::Values(Example{"normal", kNormal, kBasic, treating(), labelled({"N"}), true},
                    Example{"normal_not_restricted_data", kNormal, kBasic, treating(), labelled({"R"}), false},
                    Example{"normal_restricted", kPermitTpo + list("securityLabel", label("N") + "," + label("R")), kBasic, treating(),
                            labelled({"R"}), true},
                    Example{"normal_restricted_not_very", kPermitTpo + list("securityLabel", label("N") + "," + label("R")), kBasic,
                            treating(), labelled({"V"}), false},
                    Example{"not_restricted_normal",
                            kNormal + list("provision", R"({"type":"deny")" + list("securityLabel", label("R")) + "}"), kBasic, treating(),
                            labelled({"N"}), true},
                    Example{"not_restricted", kNormal + list("provision", R"({"type":"deny")" + list("securityLabel", label("R")) + "}"),
                            kBasic, treating(), labelled({"R"}), false},
                    Example{"focused_restricted", kFocusedRestricted, kBasic, focused(), labelled({"R"}), true},
                    Example{"focused_restricted_others", kFocusedRestricted, kBasic, treating(), labelled({"R"}), false},
                    Example{"focused_restricted_others_normal", kFocusedRestricted, kBasic, treating(), labelled({"N"}), true},
                    Example{"focused_psy", kFocusedPsy, kBasic, focused(), labelled({"R"}, {"PSY"}), true},
                    Example{"focused_psy_others", kFocusedPsy, kBasic, treating(), labelled({"R"}, {"PSY"}), false},
                    Example{"focused_psy_not_hiv", kFocusedPsy, kBasic, focused(), labelled({"R"}, {"HIV"}), false},
                    Example{"focused_psy_or_sdv", kFocusedPsyOrSdv, kBasic, focused(), labelled({"R"}, {"SDV"}), true},
                    Example{"focused_psy_or_sdv_others", kFocusedPsyOrSdv, kBasic, treating(), labelled({"R"}, {"SDV"}), false},
                    // The trap: the child's purpose and label lie outside the parent's, and flipping the parent would deny.
                    Example{"break_glass_restricted", kBreakGlassRestricted, kBasic, practitioner({"BTG"}), labelled({"R"}), true},
                    Example{"break_glass_normal", kBreakGlassRestricted, kBasic, practitioner({"BTG"}), labelled({"N"}), true},
                    Example{"break_glass_undeclared", kBreakGlassRestricted, kBasic, treating(), labelled({"R"}), false},
                    Example{"break_glass_not_very", kBreakGlassRestricted, kBasic, practitioner({"BTG"}), labelled({"V"}), false}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace consent_test
