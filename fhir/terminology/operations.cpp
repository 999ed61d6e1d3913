// The operations as data: what R4 lets each be asked with, and what kedge takes of it.
#include "fhir/terminology/operations.hpp"

#include <algorithm>
#include <array>

namespace terminology {
namespace {

using Of = ParameterSpec::Kind;

constexpr ParameterSpec one(std::string_view name, Of kind = Of::text) {
    return {kind, name, false, true};
}
constexpr ParameterSpec many(std::string_view name, Of kind = Of::text) {
    return {kind, name, true, true};
}
constexpr ParameterSpec not_here(std::string_view name) {
    return {Of::text, name, true, false};
}

constexpr std::array kExpand{one("url"), one("valueSet", Of::resource), one("valueSetVersion"), one("filter"), one("offset", Of::integer), one("count", Of::integer),
                             one("includeDesignations", Of::flag), many("designation"), one("includeDefinition", Of::flag), one("activeOnly", Of::flag),
                             one("excludeNested", Of::flag), one("excludeNotForUI", Of::flag), one("excludePostCoordinated", Of::flag), one("displayLanguage"),
                             many("exclude-system"), many("system-version"), many("check-system-version"), many("force-system-version"),
                             not_here("context"), not_here("contextDirection"), not_here("date")};
constexpr std::array kValidateInSet{one("url"), one("valueSet", Of::resource), one("valueSetVersion"), one("code"), one("system"), one("systemVersion"), one("display"),
                                    one("coding", Of::coding), one("codeableConcept", Of::codeable), one("abstract", Of::flag), one("displayLanguage"),
                                    not_here("context"), not_here("date")};
constexpr std::array kValidateInSystem{one("url"), one("codeSystem", Of::resource), one("code"), one("version"), one("display"), one("coding", Of::coding),
                                       one("codeableConcept", Of::codeable), one("abstract", Of::flag), one("displayLanguage"), not_here("date")};
constexpr std::array kLookup{one("code"), one("system"), one("version"), one("coding", Of::coding), one("displayLanguage"), many("property"), not_here("date")};
constexpr std::array kSubsumes{one("codeA"), one("codeB"), one("system"), one("version"), one("codingA", Of::coding), one("codingB", Of::coding)};
constexpr std::array kTranslate{one("url"), one("conceptMap", Of::resource), one("conceptMapVersion"), one("code"), one("system"), one("version"), one("source"),
                                one("coding", Of::coding), one("codeableConcept", Of::codeable), one("target"), one("targetsystem"), one("reverse", Of::flag),
                                not_here("dependency")};

constexpr std::array kOperations{
    Operation{"CodeSystem", "lookup", "http://hl7.org/fhir/OperationDefinition/CodeSystem-lookup", false, kLookup},
    Operation{"CodeSystem", "subsumes", "http://hl7.org/fhir/OperationDefinition/CodeSystem-subsumes", true, kSubsumes},
    Operation{"CodeSystem", "validate-code", "http://hl7.org/fhir/OperationDefinition/CodeSystem-validate-code", true, kValidateInSystem},
    Operation{"ConceptMap", "translate", "http://hl7.org/fhir/OperationDefinition/ConceptMap-translate", true, kTranslate},
    Operation{"ValueSet", "expand", "http://hl7.org/fhir/OperationDefinition/ValueSet-expand", true, kExpand},
    Operation{"ValueSet", "validate-code", "http://hl7.org/fhir/OperationDefinition/ValueSet-validate-code", true, kValidateInSet},
};

}  // namespace

std::span<const Operation> operations() {
    return kOperations;
}

const Operation* find_operation(std::string_view type, std::string_view name) {
    const auto found = std::find_if(kOperations.begin(), kOperations.end(), [&](const Operation& o) { return o.type == type && o.name == name; });
    return found == kOperations.end() ? nullptr : &*found;
}

base::Result<Answer> answer(const Operation& operation, const Question& question) {
    if (question.instance != nullptr && !operation.of_instance) {
        return base::fail(base::Kind::not_supported, "$" + std::string(operation.name) + " is an operation of the type, not of one resource: " + std::string(operation.type) + "/$" + std::string(operation.name));
    }
    if (operation.name == "lookup") return lookup(question);
    if (operation.name == "subsumes") return subsumes(question);
    if (operation.name == "translate") return translate(question);
    if (operation.name == "expand") return expand(question);
    return operation.type == "ValueSet" ? validate_in_set(question) : validate_in_system(question);
}

}  // namespace terminology
