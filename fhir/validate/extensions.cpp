#include "fhir/validate/extensions.hpp"

#include <algorithm>

namespace validate {

void check_extension(const json::Object& extension, bool nested, Report& report) {
    const bool has_value = std::any_of(extension.begin(), extension.end(), [](const json::Member& m) { return m.first.starts_with("value") || m.first.starts_with("_value"); });
    const bool has_extensions = extension.find("extension") != nullptr;
    if (has_value && has_extensions) report.error("invariant", "ext-1: An extension has either a value or extensions of its own, not both");
    if (!has_value && !has_extensions) report.error("invariant", "ext-1: An extension must have either a value or extensions of its own");
    const auto* url = extension.find("url");
    const auto* text = url == nullptr ? nullptr : url->if_string();
    if (nested || text == nullptr || text->empty()) return;
    if (text->find(':') == std::string::npos) report.error("value", "The url of an extension is absolute: it names where the extension is defined", "url");
}

}  // namespace validate
