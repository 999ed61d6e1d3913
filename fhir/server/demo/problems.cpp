// What a patient has: conditions and allergies.
#include "fhir/server/demo/record.hpp"

namespace server::demo {
namespace {

struct Problem {
    Code code;
    bool lasting;
};
constexpr Problem kProblems[] = {{{"38341003", "Hypertension"}, true},
                                 {{"44054006", "Type 2 diabetes mellitus"}, true},
                                 {{"195967001", "Asthma"}, true},
                                 {{"55822004", "Hyperlipidemia"}, true},
                                 {{"162864005", "Body mass index 30+ - obesity (finding)"}, true},
                                 {{"278860009", "Chronic low back pain (finding)"}, true},
                                 {{"271737000", "Anemia (disorder)"}, false},
                                 {{"444814009", "Viral sinusitis (disorder)"}, false},
                                 {{"195662009", "Acute viral pharyngitis (disorder)"}, false},
                                 {{"10509002", "Acute bronchitis (disorder)"}, false}};

struct Allergy {
    Code code;
    std::string_view category;
    Code reaction;
};
constexpr Allergy kAllergies[] = {{{"91936005", "Allergy to penicillin"}, "medication", {"271807003", "Eruption of skin"}},
                                  {{"91935009", "Allergy to peanut"}, "food", {"39579001", "Anaphylaxis"}},
                                  {{"419474003", "Allergy to mould"}, "environment", {"49727002", "Cough"}},
                                  {{"418689008", "Allergy to grass pollen"}, "environment", {"76067001", "Sneezing"}},
                                  {{"300916003", "Latex allergy"}, "environment", {"247472004", "Wheal"}}};

}  // namespace

void add_conditions(Record& record, const Visit& visit, int count) {
    constexpr std::string_view kCategory = "http://terminology.hl7.org/CodeSystem/condition-category";
    constexpr auto kProblemCount = static_cast<std::int64_t>(std::size(kProblems));
    const auto begin = record.random.between(0, kProblemCount - 1);
    for (int i = 0; i < count; ++i) {
        // Neighbours in the table, so that nobody has one twice.
        const auto& problem = kProblems[(begin + i) % kProblemCount];
        const auto onset = visit.day - std::chrono::days(record.random.between(0, 20));
        const auto id = record.next_id("condition");
        auto resource =
            object({{"resourceType", "Condition"},
                    {"id", id},
                    {"text", narrative(std::string(problem.code.display) + " since " + date(onset))},
                    {"identifier", list(identifier(kDemoSystem, id))},
                    {"clinicalStatus",
                     code_only("http://terminology.hl7.org/CodeSystem/condition-clinical", problem.lasting ? "active" : "resolved")},
                    {"verificationStatus", code_only("http://terminology.hl7.org/CodeSystem/condition-ver-status", "confirmed")},
                    {"category", list(concept_of(kCategory, {"encounter-diagnosis", "Encounter Diagnosis"}))},
                    {"code", concept_of(kSnomed, problem.code)},
                    {"subject", reference(record.patient)},
                    {"encounter", reference(visit.encounter)},
                    {"onsetDateTime", date(onset)}});
        if (!problem.lasting) resource.set("abatementDateTime", date(visit.day + std::chrono::days(10)));
        resource.set("recordedDate", date(visit.day));
        resource.set("recorder", reference(visit.doctor));
        record.add(std::move(resource), std::string(problem.code.display));
    }
}

void add_allergy(Record& record, const Visit& visit) {
    const auto& allergy = record.random.pick(kAllergies);
    const auto id = record.next_id("allergy");
    const auto reaction = object(
        {{"manifestation", list(concept_of(kSnomed, allergy.reaction))}, {"severity", record.random.chance(20) ? "severe" : "mild"}});
    record.add(
        object({{"resourceType", "AllergyIntolerance"},
                {"id", id},
                {"text", narrative(allergy.code.display)},
                {"identifier", list(identifier(kDemoSystem, id))},
                {"clinicalStatus", code_only("http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "active")},
                {"verificationStatus", code_only("http://terminology.hl7.org/CodeSystem/allergyintolerance-verification", "confirmed")},
                {"type", "allergy"},
                {"category", list(allergy.category)},
                {"criticality", "low"},
                {"code", concept_of(kSnomed, allergy.code)},
                {"patient", reference(record.patient)},
                {"encounter", reference(visit.encounter)},
                {"recordedDate", date(visit.day)},
                {"recorder", reference(visit.doctor)},
                {"reaction", list(reaction)}}),
        std::string(allergy.code.display));
}

}  // namespace server::demo
