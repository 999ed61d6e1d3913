// What is done about it: prescriptions and immunizations.
#include "fhir/server/demo/record.hpp"

namespace server::demo {
namespace {

struct Drug {
    Code code;
    int times_a_day;
    std::string_view words;
};
constexpr Drug kDrugs[] = {
    {{"860975", "24 HR Metformin hydrochloride 500 MG Extended Release Oral Tablet"}, 1, "One tablet with the evening meal"},
    {{"310965", "Ibuprofen 200 MG Oral Tablet"}, 3, "One tablet up to three times a day, with food"},
    {{"313782", "Acetaminophen 325 MG Oral Tablet"}, 4, "One tablet up to four times a day"},
    {{"562251", "Amoxicillin 250 MG / Clavulanate 125 MG Oral Tablet"}, 3, "One tablet three times a day for seven days"},
    {{"849574", "Naproxen sodium 220 MG Oral Tablet"}, 2, "One tablet twice a day, with food"},
    {{"310325", "ferrous sulfate 325 MG Oral Tablet"}, 1, "One tablet in the morning"}};
constexpr Code kVaccines[] = {{"140", "Influenza, seasonal, injectable, preservative free"},
                              {"113", "Td (adult) preservative free"},
                              {"52", "Hep A, adult"},
                              {"43", "Hep B, adult"},
                              {"133", "Pneumococcal conjugate PCV 13"},
                              {"121", "zoster"}};

}  // namespace

void add_medication(Record& record, const Visit& visit) {
    const auto& drug = record.random.pick(kDrugs);
    const auto id = record.next_id("medication");
    const auto repeat =
        object({{"frequency", json::Value::number(drug.times_a_day)}, {"period", json::Value::number(1)}, {"periodUnit", "d"}});
    const auto dose = object({{"sequence", json::Value::number(1)},
                              {"text", drug.words},
                              {"timing", object({{"repeat", repeat}})},
                              {"asNeededBoolean", drug.times_a_day > 2},
                              {"route", concept_of(kSnomed, {"26643006", "Oral route"})},
                              {"doseAndRate", list(object({{"doseQuantity", quantity("1", "tablet", "{tbl}")}}))}});
    record.add(object({{"resourceType", "MedicationRequest"},
                       {"id", id},
                       {"text", narrative(std::string(drug.code.display) + ": " + std::string(drug.words))},
                       {"identifier", list(identifier(kDemoSystem, id))},
                       {"status", record.random.chance(50) ? "active" : "completed"},
                       {"intent", "order"},
                       {"medicationCodeableConcept", concept_of(kRxNorm, drug.code)},
                       {"subject", reference(record.patient)},
                       {"encounter", reference(visit.encounter)},
                       {"authoredOn", instant(visit.day, visit.minute + 10)},
                       {"requester", reference(visit.doctor)},
                       {"dosageInstruction", list(dose)}}),
               std::string(drug.code.display));
}

void add_immunization(Record& record, const Visit& visit) {
    const auto& vaccine = record.random.pick(kVaccines);
    const auto id = record.next_id("immunization");
    record.add(object({{"resourceType", "Immunization"},
                       {"id", id},
                       {"text", narrative(std::string(vaccine.display) + " on " + date(visit.day))},
                       {"identifier", list(identifier(kDemoSystem, id))},
                       {"status", "completed"},
                       {"vaccineCode", concept_of(kCvx, vaccine)},
                       {"patient", reference(record.patient)},
                       {"encounter", reference(visit.encounter)},
                       {"occurrenceDateTime", instant(visit.day, visit.minute + 12)},
                       {"primarySource", true},
                       {"lotNumber", "D" + std::to_string(record.random.between(10'000, 99'999))},
                       {"performer", list(object({{"actor", reference(visit.doctor)}}))}}),
               std::string(vaccine.display));
}

}  // namespace server::demo
