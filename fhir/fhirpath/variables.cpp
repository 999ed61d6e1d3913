// %name: what the environment and R4 give, and what defineVariable() added.
#include "fhir/fhirpath/evaluate.hpp"
#include "fhir/fhirpath/nodes.hpp"

namespace fhirpath {
namespace {

struct Constant {
    std::string_view name, value;
};
constexpr Constant kConstants[] = {{"ucum", "http://unitsofmeasure.org"}, {"sct", "http://snomed.info/sct"}, {"loinc", "http://loinc.org"}};
constexpr std::string_view kPlaces[] = {"context", "resource", "rootResource"};

const Binding* find_binding(const Binding* first, std::string_view name) {
    for (const auto* binding = first; binding != nullptr; binding = binding->outer) {
        if (binding->name == name) return binding;
    }
    return nullptr;
}

}  // namespace

bool Evaluator::known_variable(std::string_view name, Items& out) {
    for (const auto& constant : kConstants) {
        if (constant.name != name) continue;
        out.push(Item::of_string(constant.value));
        return true;
    }
    if (name == "context") {
        out.push(focus_);
    } else if (name == "resource") {
        out.push(environment_.resource == nullptr ? focus_ : Item::of(resource_node(*environment_.resource)));
    } else if (name == "rootResource") {
        out.push(Item::of(root_resource()));
    } else if (name.starts_with("vs-")) {
        out.push(Item::of_string(arena_.concat("http://hl7.org/fhir/ValueSet/", name.substr(3))));
    } else if (name.starts_with("ext-")) {
        out.push(Item::of_string(arena_.concat("http://hl7.org/fhir/StructureDefinition/", name.substr(4))));
    } else {
        return false;
    }
    return true;
}

bool Evaluator::is_defined(std::string_view name, const Scope& scope) const {
    if (find_binding(scope.bindings, name) != nullptr || environment_.variables.find(name) != environment_.variables.end()) return true;
    if (environment_.nodes.find(name) != environment_.nodes.end()) return true;
    for (const auto& constant : kConstants) {
        if (constant.name == name) return true;
    }
    for (const auto place : kPlaces) {
        if (place == name) return true;
    }
    return name.starts_with("vs-") || name.starts_with("ext-");
}

bool Evaluator::variable(const Term& term, const Scope& scope, Items& out) {
    if (const auto* binding = find_binding(scope.bindings, term.name)) {
        out.append(binding->value);
        return true;
    }
    if (const auto given = environment_.nodes.find(term.name); given != environment_.nodes.end()) {
        for (const auto& node : given->second) out.push(Item::of(node));
        return true;
    }
    if (const auto given = environment_.variables.find(term.name); given != environment_.variables.end()) {
        for (const auto& value : given->second) {
            if (!value.is_null()) out.push(Item::of(resource_node(value)));
        }
        return true;
    }
    return known_variable(term.name, out) || fail(term, "there is no variable %" + term.name);
}

}  // namespace fhirpath
