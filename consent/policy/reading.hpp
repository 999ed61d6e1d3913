// The pieces of a Consent, read from JSON with every doubt written down. Used by policy.cpp and provision.cpp alone.
#pragma once

#include "consent/policy/policy.hpp"

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace consent {

struct Coding {
    std::string system, code;
};

// Collects findings; each function names the place it was given.
class Reading {
  public:
    explicit Reading(const ParseOptions& options) : options_(options) {}

    void doubt(std::string place, std::string reason) { findings_.push_back({std::move(place), std::move(reason)}); }
    std::vector<Finding> take() { return std::move(findings_); }
    const ParseOptions& options() const { return options_; }

    // nullptr, and a finding, when this is no object or has members beside `known`. A modifierExtension is always a finding; other
    // extensions may be ignored, that is what FHIR made the difference for.
    const json::Object* object(const json::Value& value, const std::string& place, std::initializer_list<std::string_view> known);
    // The items of a list element; a finding when it is there and no list, or empty.
    const json::Array& items(const json::Object& parent, std::string_view name, const std::string& place);
    std::vector<Coding> codings(const json::Value& concept_value, const std::string& place);  // CodeableConcept
    std::optional<Coding> coding(const json::Value& value, const std::string& place);
    // "Type/id" of this server; with `foreign`, absolute URLs and DIDs too. Nothing and a finding otherwise.
    std::optional<std::string> reference(const json::Value& value, const std::string& place, bool foreign);
    // Inclusive of its last day or second, as FHIR says: [start, end + its precision).
    std::optional<base::Period> period(const json::Value& value, const std::string& place);

  private:
    const ParseOptions& options_;
    std::vector<Finding> findings_;
};

// One provision with all below it. `untyped`: what a root without a type does; nested ones must have theirs. `count` counts them up to
// kMaxProvisions.
Rule read_provision(Reading& reading, const json::Value& value, const std::string& place, std::optional<Effect> untyped,
                    std::size_t& count);

}  // namespace consent
