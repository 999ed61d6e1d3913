#include "fhir/validate/bundle_search.hpp"

#include "fhir/definitions/definitions.hpp"
#include "storage/base/json_members.hpp"

#include <algorithm>
#include <vector>

namespace validate {
namespace {

bool is_page(std::string_view relation) {
    return relation == "first" || relation == "previous" || relation == "next" || relation == "last";
}

// "Patient,Group" of a query's _type.
void add_types(std::string_view value, std::vector<std::string_view>& out) {
    while (!value.empty()) {
        const auto comma = value.find(','), escaped = value.find("%2C");
        const auto end = std::min({comma, escaped, value.size()});
        if (const auto type = value.substr(0, end); definitions::is_resource_type(type)) out.push_back(type);
        value.remove_prefix(std::min(end + (escaped < comma ? 3 : 1), value.size()));
    }
}

// Which types the self link searched; none when it does not say.
std::vector<std::string_view> searched_types(const json::Value& bundle) {
    std::vector<std::string_view> out;
    for (const auto& link : list(bundle, "link")) {
        if (link.text("relation") != "self") continue;
        auto url = link.text("url");
        const auto question = url.find('?');
        auto query = question == std::string_view::npos ? std::string_view{} : url.substr(question + 1);
        url = url.substr(0, question);
        if (const auto last = url.substr(url.rfind('/') + 1); definitions::is_resource_type(last)) return {last};
        while (!query.empty()) {
            const auto parameter = query.substr(0, query.find('&'));
            query.remove_prefix(std::min(parameter.size() + 1, query.size()));
            if (parameter.starts_with("_type=")) add_types(parameter.substr(6), out);
        }
    }
    return out;
}

}  // namespace

void check_links(const json::Value& bundle, Report& report) {
    const auto type = bundle.text("type");
    const bool paged = type == "searchset" || type == "history" || type.empty();
    const auto& links = list(bundle, "link");
    for (std::size_t i = 0; i < links.size(); ++i) {
        const auto relation = links[i].text("relation");
        if (relation != "self" && !is_page(relation)) continue;
        const Report::Step step(report, "link");
        const Report::Step item(report, i);
        const auto same = std::count_if(links.begin(), links.begin() + static_cast<std::ptrdiff_t>(i), [&](const json::Value& other) { return other.text("relation") == relation; });
        if (is_page(relation) && !paged) {
            report.error("invalid", "Pages belong to searches and histories: a Bundle of the type " + std::string(base::utf8_prefix(type, 32)) + " has no link '" + std::string(relation) + "'", "relation");
        } else if (same > 0) {
            report.error("invalid", "The link '" + std::string(relation) + "' may stand only once", "relation");
        }
    }
}

void check_matches(const json::Value& bundle, Report& report) {
    const auto types = searched_types(bundle);
    const auto& entries = list(bundle, "entry");
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const auto* search = entries[i].find("search");
        const auto* resource = entries[i].find("resource");
        if (search == nullptr || resource == nullptr) continue;
        const auto mode = search->text("mode"), type = resource->text("resourceType");
        const Report::Step step(report, "entry");
        const Report::Step item(report, i);
        if (mode == "outcome" && type != "OperationOutcome") report.error("invalid", "The mode outcome is for an OperationOutcome, this is a " + std::string(type), "search.mode");
        if (mode != "match" && mode != "include") continue;
        if (resource->find("id") == nullptr) report.error("required", "What a search found has an id", "resource.id");
        if (mode == "match" && !types.empty() && std::find(types.begin(), types.end(), type) == types.end()) {
            report.error("invalid", "A " + std::string(type) + " is no match: the self link searched other types; what came along has the mode include", "search.mode");
        }
    }
}

}  // namespace validate
