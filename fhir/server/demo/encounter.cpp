#include "fhir/server/demo/record.hpp"

namespace server::demo {
namespace {

struct Kind {
    Code type;
    Code act;  // v3-ActCode
    int minutes;
};
constexpr Kind kKinds[] = {{{"162673000", "General examination of patient (procedure)"}, {"AMB", "ambulatory"}, 30},
                           {{"185349003", "Encounter for check up (procedure)"}, {"AMB", "ambulatory"}, 20},
                           {{"185345009", "Encounter for symptom (procedure)"}, {"AMB", "ambulatory"}, 25},
                           {{"390906007", "Follow-up encounter (procedure)"}, {"AMB", "ambulatory"}, 15},
                           {{"50849002", "Emergency room admission (procedure)"}, {"EMER", "emergency"}, 180}};

}  // namespace

Visit add_encounter(Record& record, Day day, const Organization& place, const Practitioner& doctor) {
    auto& random = record.random;
    const auto& kind = random.pick(kKinds);
    const int begin = static_cast<int>(random.between(8 * 60, 17 * 60));
    const auto id = record.next_id("encounter");
    const auto period = object({{"start", instant(day, begin)}, {"end", instant(day, begin + kind.minutes)}});
    const auto performer =
        object({{"type", list(concept_of("http://terminology.hl7.org/CodeSystem/v3-ParticipationType", {"PPRF", "primary performer"}))},
                {"period", period},
                {"individual", reference(link_to(doctor))}});
    auto resource = object({{"resourceType", "Encounter"},
                            {"id", id},
                            {"text", narrative(std::string(kind.type.display) + " at " + place.name + " on " + date(day))},
                            {"identifier", list(identifier(kDemoSystem, id))},
                            {"status", "finished"},
                            {"class", coding("http://terminology.hl7.org/CodeSystem/v3-ActCode", kind.act.code, kind.act.display)},
                            {"type", list(concept_of(kSnomed, kind.type))},
                            {"subject", reference(record.patient)},
                            {"participant", list(performer)},
                            {"period", period},
                            {"serviceProvider", reference(link_to(place))}});
    return {record.add(std::move(resource), std::string(kind.type.display)), link_to(doctor), day, begin};
}

}  // namespace server::demo
