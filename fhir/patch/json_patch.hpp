// JSON Patch, RFC 6902. Inside patch, its tests and its fuzz target only.
#pragma once

#include "fhir/patch/operations.hpp"
#include "fhir/patch/pointer.hpp"

#include <vector>

namespace patch {

class JsonPatch final : public Operations {
  public:
    // The patch as JSON. Error: Kind::invalid for what is no JSON Patch, Kind::too_large for the limits.
    static base::Result<JsonPatch> parse(const json::Value& patch, const Limits& limits = {});

    Form form() const override { return Form::json; }
    std::size_t size() const override { return steps_.size(); }
    // To any document, not to resources alone. Errors as Patch::apply's.
    base::Result<json::Value> apply(const json::Value& document, const Limits& limits = {}) const override;

  private:
    enum class Op { add, remove, replace, move, copy, test };
    struct Step {
        Op op = Op::test;
        Label label;
        Pointer path, from;
        json::Value value;
    };
    class Run;

    static base::Result<Step> parse_step(const json::Value& operation, std::size_t number, const Limits& limits);

    std::vector<Step> steps_;
};

}  // namespace patch
