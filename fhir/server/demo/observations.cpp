// Vital signs and laboratory values with LOINC codes and UCUM units (R4 observation-vitalsigns.html).
#include "fhir/server/demo/record.hpp"

namespace server::demo {
namespace {

struct Measure {
    Code code;
    std::string_view unit;
    std::string_view ucum;
    double mean;
    double spread;
    int places;
    double low;  // of what is normal
    double high;
};
constexpr Measure kVitalSigns[] = {{{"8867-4", "Heart rate"}, "beats/minute", "/min", 74, 9, 0, 60, 100},
                                   {{"9279-1", "Respiratory rate"}, "breaths/minute", "/min", 15, 2, 0, 12, 20},
                                   {{"8310-5", "Body temperature"}, "degrees C", "Cel", 36.8, 0.3, 1, 36.1, 37.5},
                                   {{"2708-6", "Oxygen saturation in Arterial blood"}, "%", "%", 97, 1, 0, 94, 100}};
constexpr Measure kLaboratory[] = {{{"4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood"}, "%", "%", 5.6, 0.6, 1, 4.0, 5.6},
                                   {{"2339-0", "Glucose [Mass/volume] in Blood"}, "mg/dL", "mg/dL", 98, 15, 0, 70, 110},
                                   {{"2093-3", "Cholesterol [Mass/volume] in Serum or Plasma"}, "mg/dL", "mg/dL", 188, 30, 0, 125, 200},
                                   {{"38483-4", "Creatinine [Mass/volume] in Blood"}, "mg/dL", "mg/dL", 0.95, 0.2, 2, 0.6, 1.2},
                                   {{"718-7", "Hemoglobin [Mass/volume] in Blood"}, "g/dL", "g/dL", 14.1, 1.2, 1, 12.0, 17.5}};
constexpr Measure kSystolic = {{"8480-6", "Systolic blood pressure"}, "mmHg", "mm[Hg]", 124, 12, 0, 90, 139};
constexpr Measure kDiastolic = {{"8462-4", "Diastolic blood pressure"}, "mmHg", "mm[Hg]", 79, 8, 0, 60, 89};

Code interpretation(const Measure& measure, double value) {
    if (value < measure.low) return {"L", "Low"};
    if (value > measure.high) return {"H", "High"};
    return {"N", "Normal"};
}

json::Value range(const Measure& measure) {
    return object({{"low", quantity(decimal(measure.low, measure.places), measure.unit, measure.ucum)},
                   {"high", quantity(decimal(measure.high, measure.places), measure.unit, measure.ucum)},
                   {"type", concept_of("http://terminology.hl7.org/CodeSystem/referencerange-meaning", {"normal", "Normal Range"})},
                   {"text", decimal(measure.low, measure.places) + " to " + decimal(measure.high, measure.places) + " " +
                                std::string(measure.unit)}});
}

// Everything but the value.
json::Object observation(Record& record, const Visit& visit, const Code& category, const Code& code, const std::string& words) {
    const auto id = record.next_id("observation");
    const int minute = visit.minute + static_cast<int>(record.random.between(2, 12));
    const auto& name = record.patient.display;
    return object({{"resourceType", "Observation"},
                   {"id", id},
                   {"text", narrative(std::string(code.display) + " of " + name + " on " + date(visit.day) + ": " + words)},
                   {"identifier", list(identifier(kDemoSystem, id))},
                   {"status", "final"},
                   {"category", list(concept_of("http://terminology.hl7.org/CodeSystem/observation-category", category))},
                   {"code", concept_of(kLoinc, code)},
                   {"subject", reference(record.patient)},
                   {"encounter", reference(visit.encounter)},
                   {"effectiveDateTime", instant(visit.day, minute)},
                   {"issued", instant(visit.day, minute + 1)},
                   {"performer", list(reference(visit.doctor))}});
}

void add_measure(Record& record, const Visit& visit, const Code& category, const Measure& measure, double value) {
    const auto number = decimal(value, measure.places);
    auto resource = observation(record, visit, category, measure.code, number + " " + std::string(measure.unit));
    resource.set("valueQuantity", quantity(number, measure.unit, measure.ucum));
    resource.set("interpretation",
                 list(concept_of("http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", interpretation(measure, value))));
    resource.set("referenceRange", list(range(measure)));
    record.add(std::move(resource), std::string(measure.code.display));
}

json::Value component(const Measure& measure, double value) {
    return object({{"code", concept_of(kLoinc, measure.code)},
                   {"valueQuantity", quantity(decimal(value, measure.places), measure.unit, measure.ucum)},
                   {"interpretation",
                    list(concept_of("http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", interpretation(measure, value)))},
                   {"referenceRange", list(range(measure))}});
}

void add_blood_pressure(Record& record, const Visit& visit, const Code& category) {
    const double systolic = record.random.around(kSystolic.mean, kSystolic.spread);
    const double diastolic = record.random.around(kDiastolic.mean, kDiastolic.spread);
    auto resource = observation(record, visit, category, {"85354-9", "Blood pressure panel with all children optional"},
                                decimal(systolic, 0) + "/" + decimal(diastolic, 0) + " mmHg");
    json::Array components;
    components.push_back(component(kSystolic, systolic));
    components.push_back(component(kDiastolic, diastolic));
    resource.set("component", std::move(components));
    record.add(std::move(resource), "Blood pressure");
}

// Height, weight and what follows from them, so that the three agree.
void add_body_measures(Record& record, const Visit& visit, const Code& category) {
    const double grown = std::min(1.0, 0.45 + 0.55 * record.age_at(visit.day) / 18.0);
    const double height_cm = grown * record.random.around(record.gender == "female" ? 164 : 177, 4);
    const double bmi = std::max(15.0, record.random.around(14 + 11 * grown, 2.5));
    const double weight_kg = bmi * height_cm * height_cm / 10'000;
    const Measure height{{"8302-2", "Body height"}, "cm", "cm", 0, 0, 1, 50, 200};
    const Measure weight{{"29463-7", "Body weight"}, "kg", "kg", 0, 0, 1, 3, 110};
    const Measure index{{"39156-5", "Body mass index (BMI) [Ratio]"}, "kg/m2", "kg/m2", 0, 0, 1, 18.5, 24.9};
    add_measure(record, visit, category, height, height_cm);
    add_measure(record, visit, category, weight, weight_kg);
    add_measure(record, visit, category, index, bmi);
}

}  // namespace

void add_vital_signs(Record& record, const Visit& visit) {
    constexpr Code kCategory{"vital-signs", "Vital Signs"};
    for (const auto& measure : kVitalSigns) {
        add_measure(record, visit, kCategory, measure,
                    std::min(record.random.around(measure.mean, measure.spread), measure.ucum == "%" ? 100.0 : 1e9));
    }
    add_blood_pressure(record, visit, kCategory);
    if (record.random.chance(60)) add_body_measures(record, visit, kCategory);
}

void add_laboratory(Record& record, const Visit& visit) {
    constexpr Code kCategory{"laboratory", "Laboratory"};
    for (const auto& measure : kLaboratory) {
        if (record.random.chance(70)) add_measure(record, visit, kCategory, measure, record.random.around(measure.mean, measure.spread));
    }
}

}  // namespace server::demo
