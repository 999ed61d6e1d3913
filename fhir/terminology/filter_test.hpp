// One filter of a ValueSet's include (R4 codesystem.html#filters), made ready for one code system.
#pragma once

#include <memory>
#include <unordered_set>

#include "fhir/fhirpath/regex.hpp"
#include "fhir/terminology/value_set.hpp"

namespace terminology {

class FilterTest {
  public:
    // Errors: Kind::not_supported for an operator that R4 does not define for the property, and for a property the system does not
    // declare; Kind::unprocessable when the value is no code of the system where one is needed, or no regular expression.
    static base::Result<FilterTest> make(const CodeSystem& system, const Filter& filter);
    // Error: Kind::too_large when a regular expression takes too long.
    base::Result<bool> passes(const Concept& concept_of) const;

  private:
    enum class Op : std::uint8_t { equal, is_a, descendent_of, is_not_a, generalizes, in, not_in, regex, exists };

    std::vector<std::string> values_of(const Concept& concept_of) const;

    const CodeSystem* system_ = nullptr;
    Op op_ = Op::equal;
    std::string property_, value_;
    bool of_code_ = false;           // the filter is on the concept itself
    const Concept* root_ = nullptr;  // of the operators that go along the hierarchy
    std::unordered_set<std::string> words_;
    std::shared_ptr<const fhirpath::Regex> pattern_;
};

}  // namespace terminology
