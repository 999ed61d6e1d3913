// Short words for the FHIR JSON that the generators write over and over.
#pragma once

#include "storage/base/json.hpp"

#include <chrono>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace server::demo {

using Day = std::chrono::sys_days;
// All dates count back from here, so that the same seed writes the same bytes next year too.
constexpr Day kToday = std::chrono::year{2026} / 1 / 1;

constexpr std::string_view kSnomed = "http://snomed.info/sct";
constexpr std::string_view kLoinc = "http://loinc.org";
constexpr std::string_view kRxNorm = "http://www.nlm.nih.gov/research/umls/rxnorm";
constexpr std::string_view kCvx = "http://hl7.org/fhir/sid/cvx";
constexpr std::string_view kUcum = "http://unitsofmeasure.org";
constexpr std::string_view kDemoSystem = "urn:kedge:demo";

struct Code {
    std::string_view code;
    std::string_view display;
};

// A link to another resource: urn:uuid within the bundle, Type/id beyond it.
struct Link {
    std::string reference;
    std::string display;
};

json::Object object(std::initializer_list<std::pair<std::string_view, json::Value>> members);
json::Value coding(std::string_view system, std::string_view code, std::string_view display);
json::Value concept_of(std::string_view system, const Code& code);  // CodeableConcept with one coding and its text
json::Value code_only(std::string_view system, std::string_view code);
json::Value list(json::Value only);
json::Value reference(const Link& link);
json::Value quantity(std::string number, std::string_view unit, std::string_view ucum);  // the number as it is to be written
json::Value narrative(std::string_view text);                                            // text: generated XHTML; escapes what it must
json::Value identifier(std::string_view system, std::string value);

std::string date(Day day);                        // 2024-06-30
std::string instant(Day day, int minute_of_day);  // 2024-06-30T09:15:00Z
std::string decimal(double value, int places);

// A bundle entry that PUTs the resource under its own id; `uuid` is what others in the bundle call it.
json::Value put_entry(const std::string& uuid, json::Object resource);
json::Value transaction(json::Array entries);

}  // namespace server::demo
