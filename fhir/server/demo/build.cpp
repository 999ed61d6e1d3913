#include "fhir/server/demo/build.hpp"

#include <cstdio>

namespace server::demo {

json::Object object(std::initializer_list<std::pair<std::string_view, json::Value>> members) {
    json::Object out;
    for (const auto& [name, value] : members) out.set(std::string(name), value);
    return out;
}

json::Value coding(std::string_view system, std::string_view code, std::string_view display) {
    return object({{"system", system}, {"code", code}, {"display", display}});
}

json::Value concept_of(std::string_view system, const Code& code) {
    return object({{"coding", list(coding(system, code.code, code.display))}, {"text", code.display}});
}

json::Value code_only(std::string_view system, std::string_view code) {
    return object({{"coding", list(object({{"system", system}, {"code", code}}))}});
}

json::Value list(json::Value only) {
    json::Array out;
    out.push_back(std::move(only));
    return out;
}

json::Value reference(const Link& link) {
    return object({{"reference", link.reference}, {"display", link.display}});
}

json::Value quantity(std::string number, std::string_view unit, std::string_view ucum) {
    return object({{"value", json::Number{std::move(number)}}, {"unit", unit}, {"system", kUcum}, {"code", ucum}});
}

json::Value narrative(std::string_view text) {
    std::string div = "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>";
    for (const char c : text) {
        if (c == '<') {
            div += "&lt;";
        } else if (c == '&') {
            div += "&amp;";
        } else {
            div += c;
        }
    }
    return object({{"status", "generated"}, {"div", div + "</p></div>"}});
}

json::Value identifier(std::string_view system, std::string value) {
    return object({{"system", system}, {"value", std::move(value)}});
}

std::string date(Day day) {
    const std::chrono::year_month_day parts(day);
    char text[16];
    std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(parts.year()) % 10'000, static_cast<unsigned>(parts.month()) % 100,
                  static_cast<unsigned>(parts.day()) % 100);
    return text;
}

std::string instant(Day day, int minute_of_day) {
    char text[16];
    std::snprintf(text, sizeof text, "T%02u:%02u:00Z", static_cast<unsigned>(minute_of_day) / 60 % 24,
                  static_cast<unsigned>(minute_of_day) % 60);
    return date(day) + text;
}

std::string decimal(double value, int places) {
    char text[40];
    std::snprintf(text, sizeof text, "%.*f", places, value);
    return text;
}

json::Value put_entry(const std::string& uuid, json::Object resource) {
    const auto url = *resource.find("resourceType")->if_string() + "/" + *resource.find("id")->if_string();
    return object(
        {{"fullUrl", "urn:uuid:" + uuid}, {"resource", std::move(resource)}, {"request", object({{"method", "PUT"}, {"url", url}})}});
}

json::Value transaction(json::Array entries) {
    return object({{"resourceType", "Bundle"}, {"type", "transaction"}, {"entry", std::move(entries)}});
}

}  // namespace server::demo
