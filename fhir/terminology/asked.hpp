// What the operations share: the codes that are asked about, the resource that is meant, the Parameters that are answered.
// Inside fhir/terminology only.
#pragma once

#include "fhir/terminology/operations.hpp"
#include "fhir/terminology/reading.hpp"

namespace terminology {

struct Asked {
    std::string system, version, code, display;
};
Asked asked_of(const json::Value& coding);

// The codes of code + system, coding or codeableConcept, whichever stands there. Error: Kind::invalid when none or several of them do, or
// a codeableConcept holds no coding. `version_name`: of the parameter that goes with code + system.
base::Result<std::vector<Asked>> codes_asked(const Arguments& arguments, std::string_view version_name);

// The resource that an operation is about: the instance, the one sent along, or the one of this url. Errors: Kind::invalid when several
// are named or none is (`optional` then gives null); Kind::not_found.
template <class T>
struct Meant {
    std::shared_ptr<const T> value;
    std::vector<std::string> used;
};
base::Result<Meant<CodeSystem>> system_meant(const Question& question);
base::Result<Meant<ValueSet>> set_meant(const Question& question);
base::Result<Meant<ConceptMap>> map_meant(const Question& question);  // value may be null: none is named

class Told {
  public:
    void add(std::string_view name, std::string_view member, json::Value value);
    void add_parts(std::string_view name, json::Array parts);
    json::Value resource() &&;
    json::Array take() && { return std::move(parts_); }

  private:
    json::Array parts_;
};

}  // namespace terminology
