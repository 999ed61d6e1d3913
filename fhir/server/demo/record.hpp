// One patient's bundle while it grows: who they are, where the links point, what has been added.
#pragma once

#include "fhir/server/demo/build.hpp"
#include "fhir/server/demo/organizations.hpp"
#include "fhir/server/demo/random.hpp"

#include <string>
#include <utility>

namespace server::demo {

struct Visit {
    Link encounter;
    Link doctor;
    Day day;
    int minute;  // of the day, when it began
};

struct Record {
    Random random;
    std::string id;  // of the patient, and the beginning of all ids
    Link patient;    // urn:uuid
    std::string gender;
    Day birth;
    json::Array entries;
    int made = 0;

    // id-TYPE-N, unique in the record.
    std::string next_id(std::string_view kind) { return id + "-" + std::string(kind) + "-" + std::to_string(++made); }
    // Adds the entry and returns the link to it.
    Link add(json::Object resource, std::string display) {
        const auto uuid = random.uuid();
        entries.push_back(put_entry(uuid, std::move(resource)));
        return {"urn:uuid:" + uuid, std::move(display)};
    }
    int age_at(Day day) const { return static_cast<int>((day - birth).count() / 365.25); }
};

void add_patient(Record& record, const Organization& home, const Practitioner& doctor);               // patient.cpp
Visit add_encounter(Record& record, Day day, const Organization& place, const Practitioner& doctor);  // encounter.cpp
void add_conditions(Record& record, const Visit& visit, int count);                                   // problems.cpp
void add_allergy(Record& record, const Visit& visit);
void add_medication(Record& record, const Visit& visit);  // treatment.cpp
void add_immunization(Record& record, const Visit& visit);
void add_vital_signs(Record& record, const Visit& visit);  // observations.cpp
void add_laboratory(Record& record, const Visit& visit);

}  // namespace server::demo
