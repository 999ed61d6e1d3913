// ValueSet/$expand: https://hl7.org/fhir/R4/valueset-operation-expand.html
#include "fhir/terminology/asked.hpp"
#include "fhir/terminology/expand.hpp"

namespace terminology {
namespace {

std::vector<Reference> references(const Arguments& arguments, std::string_view name) {
    std::vector<Reference> out;
    for (const auto& text : arguments.texts(name)) out.emplace_back(text);
    return out;
}

// What the expansion was made with, told again in it. Resources are not.
json::Array parameters_of(const Arguments& arguments) {
    json::Array out;
    for (const auto& one : arguments.all()) {
        if (one.resource || one.name == "url" || one.name == "valueSetVersion") continue;
        json::Object part;
        part.set("name", one.name);
        const bool uri = one.name == "exclude-system" || one.name.ends_with("system-version");
        part.set(one.value.is_bool() ? "valueBoolean" : one.value.is_number() ? "valueInteger" : uri ? "valueUri" : one.name == "displayLanguage" ? "valueCode" : "valueString", one.value);
        out.emplace_back(std::move(part));
    }
    return out;
}

}  // namespace

base::Result<Answer> expand(const Question& question) {
    const auto& arguments = question.arguments;
    const auto set = set_meant(question);
    if (!set) return base::pass(set);
    ExpandOptions options;
    options.filter = arguments.text("filter");
    options.offset = arguments.integer("offset").value_or(0);
    options.count = arguments.integer("count");
    options.designations = arguments.texts("designation");
    options.include_designations = arguments.flag("includeDesignations").value_or(!options.designations.empty());
    options.include_definition = arguments.flag("includeDefinition").value_or(false);
    options.active_only = arguments.flag("activeOnly").value_or(false);
    options.nested = !arguments.flag("excludeNested").value_or(false);
    options.for_ui = arguments.flag("excludeNotForUI").value_or(false);
    options.language = arguments.text("displayLanguage");
    options.versions = {references(arguments, "system-version"), references(arguments, "check-system-version"), references(arguments, "force-system-version"),
                        references(arguments, "exclude-system")};
    options.identifier = question.identifier;
    options.timestamp = question.timestamp;
    options.parameters = parameters_of(arguments);
    auto expanded = expand(question.library, *set->value, options);
    if (!expanded) return base::pass(expanded);
    return Answer{std::move(*expanded), set->used};
}

}  // namespace terminology
