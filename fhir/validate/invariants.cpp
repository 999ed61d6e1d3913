#include "fhir/validate/invariants.hpp"

#include "fhir/fhirpath/fhirpath.hpp"
#include "fhir/validate/coded.hpp"
#include "fhir/validate/profiles.hpp"

#include <optional>

namespace validate {
namespace {

// One slot for each row of the definitions; empty where code stands for the rule.
using Compiled = std::vector<std::optional<fhirpath::Expression>>;

Compiled compile_all() {
    Compiled out;
    for (const auto& constraint : definitions::all_constraints()) {
        auto& slot = out.emplace_back();
        const auto text = mended_expression(constraint);
        if (text.empty()) continue;
        auto compiled = fhirpath::compile(text);
        // The expressions are part of the program, and a test compiles each: what fails here is a bug.
        CHECK(compiled.has_value());
        slot = std::move(*compiled);
    }
    return out;
}

const std::optional<fhirpath::Expression>& compiled(const definitions::Constraint& constraint) {
    static const Compiled all = compile_all();
    return all[static_cast<std::size_t>(&constraint - definitions::all_constraints().data())];
}

}  // namespace

void check_invariants(std::span<const definitions::Constraint* const> constraints, const Spot& spot, const Scope& scope, const Options& options, Report& report) {
    if (constraints.empty()) return;
    std::optional<fhirpath::Environment> environment;
    for (const auto* constraint : constraints) {
        if (!constraint->error && !options.warnings) continue;
        const auto& expression = compiled(*constraint);
        if (!expression) continue;
        if (!environment) {
            environment.emplace();
            environment->resource = scope.resource;
            environment->root_resource = scope.root;
            environment->member_of = [&options](const fhirpath::Node& node, std::string_view url) { return member_of(known_profiles(options).terms(), node, url); };
        }
        const auto held = fhirpath::evaluate_boolean(*expression, {spot.value, spot.extra, spot.type}, *environment);
        const auto key = std::string(constraint->key) + ": ";
        if (!held) {
            // Of a resource whose shape is wrong anyway the reason was told; else the author should know that a rule was not asked.
            if (!has_errors(report.issues())) report.warning("incomplete", key + "the rule could not be evaluated here: " + held.error().diagnostics);
        } else if (held->has_value() && !**held) {
            report.add(constraint->error ? Severity::error : Severity::warning, "invariant", key + std::string(constraint->human));
        }
    }
}

}  // namespace validate
