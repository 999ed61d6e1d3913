#include "fhir/server/demo/organizations.hpp"

#include "fhir/server/demo/names.hpp"
#include "fhir/server/demo/population.hpp"
#include "fhir/server/demo/random.hpp"

namespace server::demo {
namespace {

// Streams above all patients' numbers.
constexpr std::uint64_t kOrganizationStream = std::uint64_t{1} << 40;
constexpr std::uint64_t kPractitionerStream = std::uint64_t{2} << 40;
constexpr std::uint64_t kUuidStream = std::uint64_t{3} << 40;

constexpr std::string_view kKinds[] = {"General Hospital", "Family Practice", "Health Centre"};
constexpr Code kSpecialties[] = {{"394814009", "General practice"}, {"394579002", "Cardiology"}, {"394583002", "Endocrinology"}};

json::Value phone(Random& random) {
    return object({{"system", "phone"},
                   {"value", "+1 555 01" + std::to_string(random.between(10, 99)) + " " + std::to_string(random.between(100, 999))},
                   {"use", "work"}});
}

json::Value organization_entry(std::uint64_t seed, int index, Random& random) {
    const auto made = organization(seed, index);
    auto resource = object(
        {{"resourceType", "Organization"},
         {"id", made.id},
         {"text", narrative(made.name + ", " + made.city)},
         {"identifier", list(identifier(kDemoSystem, made.id))},
         {"active", true},
         {"type", list(concept_of("http://terminology.hl7.org/CodeSystem/organization-type", {"prov", "Healthcare Provider"}))},
         {"name", made.name},
         {"telecom", list(phone(random))},
         {"address",
          list(object(
              {{"line", list(std::to_string(random.between(1, 400)) + " Hospital Road")}, {"city", made.city}, {"country", "US"}}))}});
    return put_entry(random.uuid(), std::move(resource));
}

void add_practitioner(std::uint64_t seed, int index, Random& random, json::Array& entries) {
    const auto made = practitioner(seed, index);
    const auto employer = organization(seed, made.organization);
    auto person = object(
        {{"resourceType", "Practitioner"},
         {"id", made.id},
         {"text", narrative(link_to(made).display + ", " + std::string(made.specialty.display))},
         {"identifier", list(identifier(kDemoSystem, made.id))},
         {"active", true},
         {"name", list(object({{"use", "official"}, {"family", made.family}, {"given", list(made.given)}, {"prefix", list("Dr.")}}))},
         {"telecom", list(phone(random))}});
    const auto uuid = random.uuid();
    entries.push_back(put_entry(uuid, std::move(person)));
    auto role = object({{"resourceType", "PractitionerRole"},
                        {"id", made.id + "-role"},
                        {"identifier", list(identifier(kDemoSystem, made.id + "-role"))},
                        {"active", true},
                        {"practitioner", reference({"urn:uuid:" + uuid, link_to(made).display})},
                        {"organization", reference(link_to(employer))},
                        {"code", list(concept_of("http://terminology.hl7.org/CodeSystem/practitioner-role", {"doctor", "Doctor"}))},
                        {"specialty", list(concept_of(kSnomed, made.specialty))}});
    entries.push_back(put_entry(random.uuid(), std::move(role)));
}

}  // namespace

std::string id_prefix(std::uint64_t seed) {
    return seed == 1 ? "demo-" : "demo-s" + std::to_string(seed) + "-";
}

Organization organization(std::uint64_t seed, int index) {
    Random random(seed, kOrganizationStream + static_cast<std::uint64_t>(index));
    const std::string city(random.pick(kCities));
    return {id_prefix(seed) + "organization-" + std::to_string(index + 1), city + " " + std::string(kKinds[index % 3]), city};
}

Practitioner practitioner(std::uint64_t seed, int index) {
    Random random(seed, kPractitionerStream + static_cast<std::uint64_t>(index));
    return {id_prefix(seed) + "practitioner-" + std::to_string(index + 1), std::string(random.pick(kFamilies)),
            std::string(random.pick(kGivens)).substr(2), kSpecialties[index % 3], index % kOrganizations};
}

Link link_to(const Organization& organization) {
    return {"Organization/" + organization.id, organization.name};
}
Link link_to(const Practitioner& practitioner) {
    return {"Practitioner/" + practitioner.id, "Dr. " + practitioner.given + " " + practitioner.family};
}

json::Value organizations_bundle(std::uint64_t seed) {
    Random random(seed, kUuidStream);
    json::Array entries;
    for (int i = 0; i < kOrganizations; ++i) entries.push_back(organization_entry(seed, i, random));
    for (int i = 0; i < kPractitioners; ++i) add_practitioner(seed, i, random, entries);
    return transaction(std::move(entries));
}

}  // namespace server::demo
