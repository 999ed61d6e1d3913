// FHIRPath Patch, https://hl7.org/fhir/R4/fhirpatch.html. Inside patch, its tests and its fuzz target only.
#pragma once

#include "fhir/fhirpath/fhirpath.hpp"
#include "fhir/patch/operations.hpp"

#include <optional>
#include <vector>

namespace patch {

class FhirpathPatch final : public Operations {
  public:
    // A Parameters resource. Error: Kind::invalid for what is no FHIRPath Patch, Kind::too_large for the limits.
    static base::Result<FhirpathPatch> parse(const json::Value& parameters, const Limits& limits = {});

    Form form() const override { return Form::fhirpath; }
    std::size_t size() const override { return steps_.size(); }
    base::Result<json::Value> apply(const json::Value& resource, const Limits& limits = {}) const override;

  private:
    enum class Op { add, insert, remove, replace, move };
    struct Step {
        Op op = Op::add;
        Label label;
        std::optional<fhirpath::Expression> path;
        // A path that ends in a plain name, cut before it: where a list is to be found that has no elements yet.
        std::optional<fhirpath::Expression> above;
        std::string list_name;
        std::string name;                        // add
        json::Value value;                       // the part of the Parameters: add, insert, replace
        std::size_t index = 0, destination = 0;  // insert: index; move: source and destination
    };
    class Run;
    class Reader;

    std::vector<Step> steps_;
};

}  // namespace patch
