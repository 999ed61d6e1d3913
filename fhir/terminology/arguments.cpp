#include "fhir/terminology/arguments.hpp"

#include <algorithm>
#include <charconv>

#include "fhir/terminology/reading.hpp"

namespace terminology {
namespace {

using base::Kind;
using Of = ParameterSpec::Kind;

tl::unexpected<base::Error> wrong(const std::string& name, const std::string& what) {
    return base::fail(Kind::invalid, "the parameter " + name + " " + what, {"Parameters.parameter"}, "value");
}

base::Result<json::Value> as_text(const Argument& given) {
    if (given.value.is_string()) return given.value;
    return wrong(given.name, "takes a text");
}
base::Result<json::Value> as_flag(const Argument& given) {
    if (given.value.is_bool()) return given.value;
    const auto* text = given.value.if_string();
    if (text != nullptr && (*text == "true" || *text == "false")) return json::Value(*text == "true");
    return wrong(given.name, "is true or false");
}
base::Result<json::Value> as_integer(const Argument& given) {
    const auto* number = given.value.if_number();
    const auto* text = number != nullptr ? &number->text : given.value.if_string();
    std::uint32_t out = 0;
    if (text != nullptr) {
        const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), out);
        if (error == std::errc() && end == text->data() + text->size() && out <= INT32_MAX) return json::Value::number(out);
    }
    return wrong(given.name, "is a whole number from 0");
}

base::Result<json::Value> as(Of kind, const Argument& given) {
    if (kind != Of::resource && given.resource) return wrong(given.name, "takes no resource");
    switch (kind) {
        case Of::text: return as_text(given);
        case Of::flag: return as_flag(given);
        case Of::integer: return as_integer(given);
        case Of::coding:
        case Of::codeable:
            if (given.value.is_object()) return given.value;
            return wrong(given.name, "is no simple value: send it by POST in a Parameters resource, or use code and system");
        case Of::resource:
            if (given.resource) return given.value;
            return wrong(given.name, "is a resource: send it by POST in a Parameters resource");
    }
    return given.value;
}

std::string names_of(const Operation& operation) {
    std::string out;
    for (const auto& one : operation.parameters) {
        if (one.supported) out += (out.empty() ? "" : ", ") + std::string(one.name);
    }
    return out;
}

}  // namespace

base::Result<std::vector<Argument>> Arguments::read(const json::Value& parameters) {
    std::vector<Argument> out;
    const auto& parts = list(parameters, "parameter");
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const auto place = "Parameters.parameter[" + std::to_string(i) + "]";
        Argument one{std::string(parts[i].text("name")), {}, false};
        if (one.name.empty()) return base::fail(Kind::invalid, "a parameter has no name", {place + ".name"}, "required");
        if (const auto* resource = parts[i].find("resource")) {
            one.value = *resource;
            one.resource = true;
        }
        for (const auto& [member, value] : *parts[i].if_object()) {
            if (member.starts_with("value")) one.value = value;
        }
        if (one.value.is_null()) return base::fail(Kind::invalid, "the parameter " + shown(one.name) + " has no value", {place}, "required");
        out.push_back(std::move(one));
    }
    return out;
}

base::Result<Arguments> Arguments::make(const Operation& operation, std::vector<Argument> given) {
    Arguments out;
    for (auto& one : given) {
        const auto spec = std::find_if(operation.parameters.begin(), operation.parameters.end(), [&](const ParameterSpec& s) { return s.name == one.name; });
        const auto called = "the parameter " + shown(one.name) + " of $" + std::string(operation.name);
        if (spec == operation.parameters.end()) return base::fail(Kind::invalid, called + " is not known; it takes " + names_of(operation), {}, "not-supported");
        if (!spec->supported) return base::fail(Kind::not_supported, called + " is not supported here; leave it out, the answer would not heed it");
        if (!spec->many && out.has(one.name)) return base::fail(Kind::invalid, called + " may be given once", {}, "invalid");
        auto value = as(spec->kind, one);
        if (!value) return base::pass(value);
        out.given_.push_back({std::move(one.name), std::move(*value), one.resource});
    }
    return out;
}

const json::Value* Arguments::value(std::string_view name) const {
    const auto found = std::find_if(given_.begin(), given_.end(), [&](const Argument& a) { return a.name == name; });
    return found == given_.end() ? nullptr : &found->value;
}

std::string Arguments::text(std::string_view name) const {
    const auto* found = value(name);
    const auto* text = found == nullptr ? nullptr : found->if_string();
    return text == nullptr ? std::string() : *text;
}

std::vector<std::string> Arguments::texts(std::string_view name) const {
    std::vector<std::string> out;
    for (const auto& one : given_) {
        if (one.name == name && one.value.is_string()) out.push_back(*one.value.if_string());
    }
    return out;
}

std::optional<bool> Arguments::flag(std::string_view name) const {
    const auto* found = value(name);
    const auto* given = found == nullptr ? nullptr : found->if_bool();
    return given == nullptr ? std::nullopt : std::optional(*given);
}

std::optional<std::size_t> Arguments::integer(std::string_view name) const {
    const auto* found = value(name);
    const auto* number = found == nullptr ? nullptr : found->if_number();
    if (number == nullptr) return std::nullopt;
    std::size_t out = 0;
    std::from_chars(number->text.data(), number->text.data() + number->text.size(), out);
    return out;
}

}  // namespace terminology
