#include "fhir/server/demo/names.hpp"
#include "fhir/server/demo/population.hpp"
#include "fhir/server/demo/record.hpp"

namespace server::demo {
namespace {

constexpr int kVisits = 4;

json::Value telecom(Record& record) {
    auto& random = record.random;
    json::Array out;
    // 555-01xx numbers and example.org belong to nobody.
    out.push_back(object({{"system", "phone"},
                          {"value", "+1 555 01" + std::to_string(random.between(10, 99))},
                          {"use", random.chance(70) ? "mobile" : "home"}}));
    out.push_back(object({{"system", "email"}, {"value", record.id + "@example.org"}}));
    return out;
}

json::Value address(Random& random) {
    return object({{"use", "home"},
                   {"line", list(std::to_string(random.between(1, 250)) + " " + std::string(random.pick(kStreets)))},
                   {"city", random.pick(kCities)},
                   {"state", "MA"},
                   {"postalCode", "0" + std::to_string(random.between(1000, 2799))},
                   {"country", "US"}});
}

json::Value contact(Random& random, const std::string& family) {
    const auto relation = random.pick(kGivens);
    return object({{"relationship", list(concept_of("http://terminology.hl7.org/CodeSystem/v2-0131", {"N", "Next-of-Kin"}))},
                   {"name", object({{"family", family}, {"given", list(relation.substr(2))}})},
                   {"telecom", list(object({{"system", "phone"}, {"value", "+1 555 01" + std::to_string(random.between(10, 99))}}))}});
}

}  // namespace

void add_patient(Record& record, const Organization& home, const Practitioner& doctor) {
    auto& random = record.random;
    const auto given = random.pick(kGivens);
    const std::string family(random.pick(kFamilies));
    record.gender = given[0] == 'f' ? "female" : "male";
    record.birth = kToday - std::chrono::days(random.between(365, 92 * 365));
    const auto name = std::string(given.substr(2)) + " " + family;
    const Code marital = random.chance(50) && record.age_at(kToday) > 25 ? Code{"M", "Married"} : Code{"S", "Never Married"};
    auto resource =
        object({{"resourceType", "Patient"},
                {"id", record.id},
                {"text", narrative(name + ", " + record.gender + ", born " + date(record.birth))},
                {"identifier", list(identifier(kDemoSystem, record.id))},
                {"active", true},
                {"name", list(object({{"use", "official"}, {"family", family}, {"given", list(given.substr(2))}}))},
                {"telecom", telecom(record)},
                {"gender", record.gender},
                {"birthDate", date(record.birth)},
                {"address", list(address(random))},
                {"maritalStatus", concept_of("http://terminology.hl7.org/CodeSystem/v3-MaritalStatus", marital)},
                {"contact", list(contact(random, family))},
                {"communication",
                 list(object({{"language", concept_of("urn:ietf:bcp:47", {"en-US", "English (United States)"})}, {"preferred", true}}))},
                {"generalPractitioner", list(reference(link_to(doctor)))},
                {"managingOrganization", reference(link_to(home))}});
    record.patient = record.add(std::move(resource), name);
}

json::Value patient_bundle(std::uint64_t seed, int number) {
    Record record{Random(seed, static_cast<std::uint64_t>(number)), id_prefix(seed) + std::to_string(number), {}, {}, {}, {}, 0};
    auto& random = record.random;
    const auto family_doctor = practitioner(seed, static_cast<int>(random.between(0, kPractitioners - 1)));
    const auto home = organization(seed, family_doctor.organization);
    add_patient(record, home, family_doctor);
    const int conditions = static_cast<int>(random.between(1, 4));
    const auto visits = random.between(kVisits, kVisits + 2);
    // The latest visits are a few weeks to three years ago, oldest first.
    const auto span = std::min<std::int64_t>(3 * 365, (kToday - record.birth).count() - 30);
    for (std::int64_t i = 0; i < visits; ++i) {
        const auto days_ago = (visits - i) * span / visits - random.between(0, span / visits - 1);
        const auto other = practitioner(seed, static_cast<int>(random.between(0, kPractitioners - 1)));
        const auto& doctor = random.chance(75) ? family_doctor : other;
        const auto visit = add_encounter(record, kToday - std::chrono::days(days_ago), organization(seed, doctor.organization), doctor);
        if (i == 0) add_conditions(record, visit, conditions);
        if (i == 0 && random.chance(60)) add_allergy(record, visit);
        add_vital_signs(record, visit);
        if (random.chance(60)) add_laboratory(record, visit);
        if (random.chance(60)) add_medication(record, visit);
        if (random.chance(50)) add_immunization(record, visit);
    }
    return transaction(std::move(record.entries));
}

}  // namespace server::demo
