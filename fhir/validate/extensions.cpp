#include "fhir/validate/extensions.hpp"

#include "fhir/validate/profiles.hpp"

#include <algorithm>

namespace validate {
namespace {

using definitions::ExtensionDefinition;

// "valueQuantity" -> "Quantity"; empty when there is no value.
std::string_view value_type(const json::Object& extension) {
    for (const auto& [name, value] : extension) {
        const auto plain = std::string_view(name).substr(name.starts_with('_') ? 1 : 0);
        if (plain.starts_with("value") && plain.size() > 5) return plain.substr(5);
    }
    return {};
}

bool is_type(std::string_view written, std::span<const std::string_view> types) {
    return std::any_of(types.begin(), types.end(), [&](std::string_view type) { return definitions::is_choice_name("value" + std::string(written), "value", type); });
}
std::string list_of(std::span<const std::string_view> names) {
    std::string out;
    for (const auto name : names) {
        if (out.size() > 200) return out + " ...";
        out += (out.empty() ? "" : ", ") + std::string(name);
    }
    return out;
}

void check_value(const json::Object& extension, std::span<const std::string_view> types, Report& report) {
    const auto written = value_type(extension);
    if (written.empty()) return;
    if (types.empty()) report.error("structure", "This extension takes no value, only extensions of its own");
    else if (!is_type(written, types)) report.error("structure", "This extension takes a value of type " + list_of(types) + ", not " + std::string(written));
}

void check_parts(const json::Object& extension, const ExtensionDefinition& definition, Report& report) {
    const auto* member = extension.find("extension");
    const auto* parts = member == nullptr ? nullptr : member->if_array();
    if (definition.parts.empty()) return;
    for (const auto& known : definition.parts) {
        const auto is = [&](const json::Value& part) { return part.text("url") == known.url; };
        const auto count = parts == nullptr ? 0 : std::count_if(parts->begin(), parts->end(), is);
        if (known.required && count == 0 && parts != nullptr) report.error("required", "This extension needs the extension '" + std::string(known.url) + "' inside");
        if (!known.many && count > 1) report.error("structure", "The extension '" + std::string(known.url) + "' may stand only once in here");
    }
    for (std::size_t i = 0; parts != nullptr && i < parts->size(); ++i) {
        const Report::Step step(report, "extension");
        const Report::Step item(report, i);
        const auto url = (*parts)[i].text("url");
        const auto known = std::find_if(definition.parts.begin(), definition.parts.end(), [&](const auto& part) { return part.url == url; });
        if (known != definition.parts.end()) {
            if (const auto* object = (*parts)[i].if_object()) check_value(*object, known->types, report);
        } else if (!url.empty() && url.find(':') == std::string_view::npos) {
            report.error("structure", "'" + std::string(base::utf8_prefix(url, 64)) + "' is not defined inside this extension; it takes " + [&] {
                std::vector<std::string_view> urls;
                for (const auto& part : definition.parts) urls.push_back(part.url);
                return list_of(urls);
            }());
        }
    }
}

bool is_quantity(std::string_view type) {
    return type == "Age" || type == "Duration" || type == "Count" || type == "Distance";
}
bool is_backbone(const definitions::Group& group) {
    return group.name.find('.') != std::string_view::npos;
}

// On definitions HL7's extensions stand in many places that R4 does not name: R4's own SearchParameters and those of US Core would be
// invalid, and later releases name those places. There a wrong place is a warning.
bool is_definition(const definitions::Group& resource) {
    return definitions::element(resource, "url") != nullptr && definitions::element(resource, "status") != nullptr;
}

// May the extension stand on this element? Contexts name the element's type, its path, or a base of all.
bool stands_right(const ExtensionDefinition& definition, const Spot* holder, const definitions::Group& resource) {
    return std::any_of(definition.contexts.begin(), definition.contexts.end(), [&](std::string_view context) {
        if (context == "Element") return true;
        if (holder == nullptr) return context == resource.name || context == "Resource" || context == "DomainResource";
        const auto path = std::string(holder->owner->name) + "." + std::string(holder->element->name);
        const auto* group = holder->type->group();
        return context == holder->type->code || context == path || context == path + "[x]" || (group != nullptr && is_backbone(*group) && context == "BackboneElement") ||
               (context == "Quantity" && is_quantity(holder->type->code));
    });
}

void check_known(const json::Object& extension, std::string_view url, bool modifier, const Spot* holder, const definitions::Group& resource, const Options& options, Report& report) {
    const auto* definition = definitions::extension_definition(url);
    if (definition == nullptr) {
        const bool own = url.starts_with("http://hl7.org/fhir/StructureDefinition/");
        const bool loaded = options.profiles != nullptr && options.profiles->find(url) != nullptr;
        if (own && !loaded && options.warnings) report.warning("incomplete", "HL7 has no extension of this url in R4: " + std::string(base::utf8_prefix(url, 128)), "url");
        return;
    }
    check_value(extension, definition->types, report);
    check_parts(extension, *definition, report);
    if (modifier != definition->modifier) report.error("structure", definition->modifier ? "This extension changes the meaning: it stands in modifierExtension" : "This is no modifier extension: it stands in extension");
    if (definition->contexts.empty() || stands_right(*definition, holder, resource)) return;
    const bool warns = is_definition(resource);
    if (!warns || options.warnings) report.add(warns ? Severity::warning : Severity::error, "structure", "This extension stands on " + list_of(definition->contexts) + " only");
}

}  // namespace

void check_extension(const json::Object& extension, bool modifier, const Spot* holder, const definitions::Group& resource, const Options& options, Report& report) {
    const bool nested = holder != nullptr && holder->type->code == "Extension";
    const bool has_value = !value_type(extension).empty();
    const bool has_extensions = extension.find("extension") != nullptr;
    if (has_value && has_extensions) report.error("invariant", "ext-1: An extension has either a value or extensions of its own, not both");
    if (!has_value && !has_extensions) report.error("invariant", "ext-1: An extension must have either a value or extensions of its own");
    const auto* url = extension.find("url");
    const auto* text = url == nullptr ? nullptr : url->if_string();
    if (nested || text == nullptr || text->empty()) return;
    if (text->find(':') == std::string::npos) report.error("value", "The url of an extension is absolute: it names where the extension is defined", "url");
    else check_known(extension, *text, modifier, holder, resource, options, report);
}

void check_repeated_extensions(const json::Array& extensions, Report& report) {
    for (std::size_t i = 1; i < extensions.size(); ++i) {
        const auto url = extensions[i].text("url");
        const auto* definition = url.empty() ? nullptr : definitions::extension_definition(url);
        if (definition == nullptr || definition->many) continue;
        const bool again = std::any_of(extensions.begin(), extensions.begin() + static_cast<std::ptrdiff_t>(i), [&](const json::Value& other) { return other.text("url") == url; });
        if (!again) continue;
        const Report::Step item(report, i);
        report.warning("structure", "This extension is defined to stand once, it stands here already");
    }
}

}  // namespace validate
