#include "consent/policy/reading.hpp"

#include <algorithm>

namespace consent {
namespace {

bool is_logical_id(std::string_view id) {
    return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
    });
}

bool is_type_name(std::string_view type) {
    return !type.empty() && type[0] >= 'A' && type[0] <= 'Z' &&
           std::all_of(type.begin(), type.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
}

// "Type/id", "Type/id/_history/3" -> "Type/id".
std::optional<std::string> relative(std::string_view text) {
    const auto slash = text.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    std::string_view id = text.substr(slash + 1);
    if (const auto history = id.find("/_history/"); history != std::string_view::npos) {
        if (!is_logical_id(id.substr(history + 10))) return std::nullopt;
        id = id.substr(0, history);
    }
    if (!is_type_name(text.substr(0, slash)) || !is_logical_id(id)) return std::nullopt;
    return std::string(text.substr(0, slash)) + "/" + std::string(id);
}

}  // namespace

const json::Object* Reading::object(const json::Value& value, const std::string& place, std::initializer_list<std::string_view> known) {
    const json::Object* object = value.if_object();
    if (!object) {
        doubt(place, "is not an object");
        return nullptr;
    }
    const auto knows = [&](std::string_view name) { return std::find(known.begin(), known.end(), name) != known.end(); };
    for (const auto& [name, member] : *object) {
        if (name == "id" || name == "extension" || knows(name)) continue;
        if (name == "modifierExtension") {
            doubt(place + ".modifierExtension", "may change the meaning of everything beside it");
        } else if (name.starts_with('_') && knows(std::string_view(name).substr(1))) {
            if (!object->find(std::string_view(name).substr(1)))
                doubt(place + "." + name.substr(1), "has an extension in place of its value");
        } else {
            doubt(place + "." + name, "is not an element of FHIR R4 Consent");
        }
    }
    return object;
}

const json::Array& Reading::items(const json::Object& parent, std::string_view name, const std::string& place) {
    static const json::Array kNone;
    const json::Value* value = parent.find(name);
    if (!value) return kNone;
    const json::Array* items = value->if_array();
    if (!items || items->empty()) {
        // An empty list would read as "everything" where the author may have meant "nothing".
        doubt(place + "." + std::string(name), "is not a list with an entry");
        return kNone;
    }
    return *items;
}

std::optional<Coding> Reading::coding(const json::Value& value, const std::string& place) {
    const auto* object = this->object(value, place, {"system", "version", "code", "display", "userSelected"});
    if (!object) return std::nullopt;
    Coding coding{std::string(value.text("system")), std::string(value.text("code"))};
    if (coding.system.empty() || coding.code.empty()) {
        doubt(place, "has no system or no code to match with");
        return std::nullopt;
    }
    return coding;
}

std::vector<Coding> Reading::codings(const json::Value& concept_value, const std::string& place) {
    std::vector<Coding> out;
    const auto* object = this->object(concept_value, place, {"coding", "text"});
    if (!object) return out;
    const auto& list = items(*object, "coding", place);
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (auto one = coding(list[i], place + ".coding[" + std::to_string(i) + "]")) out.push_back(std::move(*one));
    }
    if (list.empty()) doubt(place, "is text alone");
    return out;
}

std::optional<std::string> Reading::reference(const json::Value& value, const std::string& place, bool foreign) {
    const auto* object = this->object(value, place, {"reference", "type", "identifier", "display"});
    if (!object) return std::nullopt;
    const std::string_view text = value.text("reference");
    if (auto own = relative(text)) return own;
    for (const auto& base : options_.base_urls) {
        std::string_view prefix = base;
        while (prefix.ends_with('/')) prefix.remove_suffix(1);
        if (text.size() > prefix.size() && text.substr(0, prefix.size()) == prefix && text[prefix.size()] == '/') {
            if (auto own = relative(text.substr(prefix.size() + 1))) return own;
        }
    }
    const bool absolute =
        text.starts_with("https://") || text.starts_with("http://") || text.starts_with("did:") || text.starts_with("urn:");
    if (absolute && foreign) return std::string(text);
    doubt(place, absolute ? "names somebody or something that this server cannot resolve" : "is no reference by type and id");
    return std::nullopt;
}

std::optional<base::Period> Reading::period(const json::Value& value, const std::string& place) {
    const auto* object = this->object(value, place, {"start", "end"});
    if (!object) return std::nullopt;
    base::Period out;
    for (const std::string_view name : {"start", "end"}) {
        const json::Value* text = object->find(name);
        if (!text) continue;
        const auto moment = base::parse_datetime(text->if_string() ? *text->if_string() : std::string_view{});
        if (!moment) {
            doubt(place + "." + std::string(name), "is no FHIR dateTime");
            return std::nullopt;
        }
        (name == "start" ? out.low : out.high) = name == "start" ? moment->low : moment->high;
    }
    if (out.low >= out.high) {
        doubt(place, "ends before it starts");
        return std::nullopt;
    }
    return out;
}

}  // namespace consent
