#include "fhir/rest/terminology_capabilities.hpp"

#include "fhir/rest/knowledge.hpp"
#include "fhir/terminology/arguments.hpp"

namespace rest {
namespace {

// Nothing is parsed for strangers: R4's order of elements puts the content mode before the concepts.
bool holds_codes(const terminology::Entry& entry) {
    const auto head = entry.text().substr(0, entry.text().find("\"concept\":["));
    return head.find("\"content\":\"not-present\"") == std::string_view::npos && head.find("\"content\":\"supplement\"") == std::string_view::npos;
}

json::Value code_system(const terminology::Entry& entry) {
    json::Object out, version;
    out.set("uri", entry.url());
    if (entry.version().empty()) return out;
    version.set("code", entry.version());
    version.set("isDefault", true);
    out.set("version", json::Array{std::move(version)});
    return out;
}

json::Value expansion() {
    json::Object out;
    out.set("hierarchical", true);
    out.set("paging", true);
    out.set("incomplete", false);
    json::Array parameters;
    for (const auto& one : terminology::find_operation("ValueSet", "expand")->parameters) {
        if (!one.supported) continue;
        json::Object parameter;
        parameter.set("name", one.name);
        parameters.emplace_back(std::move(parameter));
    }
    out.set("parameter", std::move(parameters));
    out.set("textFilter", "Words, each of which must stand in the code, the display or a designation; letter case does not count");
    return out;
}

}  // namespace

std::string terminology_capabilities(const Services& services) {
    const auto set = services.knowledge != nullptr ? services.knowledge->without_posted() : validate::Profiles::r4();
    json::Object out, software, implementation, validate_code, translation, closure;
    out.set("resourceType", "TerminologyCapabilities");
    out.set("id", "kedge");
    out.set("name", "kedge");
    out.set("status", "active");
    out.set("date", base::format_instant(services.clock.now_us()));
    out.set("description", "R4's own code systems and those of the packages this server was started with; those that are stored here count too and are not listed.");
    out.set("kind", "instance");
    software.set("name", "kedge");
    software.set("version", services.settings.software_version);
    out.set("software", std::move(software));
    implementation.set("description", "kedge: a FHIR server where every access leaves proof");
    implementation.set("url", services.settings.base_url);
    out.set("implementation", std::move(implementation));
    out.set("lockedDate", false);
    json::Array systems;
    for (const auto& entry : set->terms().all(terminology::Type::code_system)) {
        if (holds_codes(*entry)) systems.push_back(code_system(*entry));
    }
    out.set("codeSystem", std::move(systems));
    out.set("expansion", expansion());
    out.set("codeSearch", "all");
    validate_code.set("translations", true);
    out.set("validateCode", std::move(validate_code));
    translation.set("needsMap", true);
    out.set("translation", std::move(translation));
    closure.set("translation", false);
    out.set("closure", std::move(closure));
    return json::write(json::Value(std::move(out)));
}

}  // namespace rest
