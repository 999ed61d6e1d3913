#include "fhir/validate/capabilities.hpp"

#include "fhir/definitions/definitions.hpp"
#include "storage/base/json_members.hpp"

namespace validate {
namespace {

void check_parameter(const json::Value& claimed, std::string_view resource_type, Report& report) {
    const auto* known = definitions::search_parameter(resource_type, claimed.text("name"));
    const auto definition = claimed.text("definition");
    const auto type = claimed.text("type");
    if (known == nullptr || known->url != definition.substr(0, definition.find('|')) || type.empty() || type == definitions::to_string(known->type)) return;
    report.error("value", "R4 defines this search parameter as " + std::string(definitions::to_string(known->type)), "type");
}

}  // namespace

void check_capabilities(const json::Value& statement, Report& report) {
    const auto& rests = list(statement, "rest");
    for (std::size_t r = 0; r < rests.size(); ++r) {
        const Report::Step rest(report, "rest");
        const Report::Step rest_item(report, r);
        const auto& resources = list(rests[r], "resource");
        for (std::size_t i = 0; i < resources.size(); ++i) {
            const Report::Step resource(report, "resource");
            const Report::Step resource_item(report, i);
            const auto& parameters = list(resources[i], "searchParam");
            for (std::size_t p = 0; p < parameters.size(); ++p) {
                const Report::Step parameter(report, "searchParam");
                const Report::Step parameter_item(report, p);
                check_parameter(parameters[p], resources[i].text("type"), report);
            }
        }
    }
}

}  // namespace validate
