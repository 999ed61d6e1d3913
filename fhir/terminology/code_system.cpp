#include "fhir/terminology/code_system.hpp"

#include <algorithm>

#include "fhir/terminology/reading.hpp"
#include "storage/base/encoding.hpp"

namespace terminology {
namespace {

using base::Kind;

constexpr int kDeepest = 64;

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
std::string folded(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
        if (!blank) out += lower(c);
        else if (!out.empty() && out.back() != ' ') out += ' ';
    }
    while (out.ends_with(' ')) out.pop_back();
    return out;
}

// RFC 4647 section 3.3.1 both ways round: who asks for "de-CH" is glad of "de".
bool speaks(std::string_view language, std::string_view asked) {
    const auto& shorter = language.size() < asked.size() ? language : asked;
    const auto& longer = language.size() < asked.size() ? asked : language;
    return !shorter.empty() && folded(longer.substr(0, shorter.size())) == folded(shorter) && (longer.size() == shorter.size() || longer[shorter.size()] == '-');
}

Property property_of(const json::Value& source) {
    Property out;
    out.code = source.text("code");
    for (const auto& [name, value] : *source.if_object()) {
        if (!name.starts_with("value")) continue;
        out.member = name;
        out.value = value;
    }
    return out;
}

Concept concept_of(const json::Value& source) {
    Concept out;
    out.code = source.text("code");
    out.display = source.text("display");
    out.definition = source.text("definition");
    for (const auto& one : list(source, "designation")) {
        const auto* use = one.find("use");
        out.designations.push_back({std::string(one.text("language")), std::string(one.text("value")), use == nullptr ? json::Value() : *use});
    }
    for (const auto& one : list(source, "property")) {
        if (!one.is_object()) continue;
        auto property = property_of(one);
        const auto text = property.text();
        // R4 codesystem-concept-properties.html; HL7's older systems say `abstract`.
        if ((property.code == "notSelectable" || property.code == "abstract") && text == "true") out.abstract = true;
        if (property.code == "inactive" && text == "true") out.inactive = true;
        if (property.code == "status" && (text == "retired" || text == "inactive")) out.inactive = true;
        out.properties.push_back(std::move(property));
    }
    return out;
}

}  // namespace

std::string shown(std::string_view text) {
    return std::string(base::utf8_prefix(text, 256));
}

bool same_words(std::string_view a, std::string_view b) {
    return folded(a) == folded(b);
}

std::string Property::text() const {
    if (const auto* text = value.if_string()) return *text;
    if (const auto* given = value.if_bool()) return *given ? "true" : "false";
    if (const auto* number = value.if_number()) return number->text;
    return std::string(value.text("code"));
}

std::string_view Concept::display_in(std::string_view language) const {
    if (language.empty()) return display;
    for (const auto& one : designations) {
        if (speaks(one.language, language)) return one.value;
    }
    return display;
}

bool Concept::is_called(std::string_view text) const {
    return same_words(display, text) || std::any_of(designations.begin(), designations.end(), [&](const Designation& d) { return same_words(d.value, text); });
}

std::string CodeSystem::key(std::string_view code) const {
    if (case_sensitive) return std::string(code);
    std::string out(code);
    std::transform(out.begin(), out.end(), out.begin(), lower);
    return out;
}

const Concept* CodeSystem::find(std::string_view code) const {
    const auto found = places_.find(key(code));
    return found == places_.end() ? nullptr : &concepts_[found->second];
}

bool CodeSystem::is_below(const Concept& concept_of, const Concept& above) const {
    std::vector<const Concept*> ways{&concept_of};
    for (std::size_t i = 0; i < ways.size(); ++i) {
        if (ways[i] == &above) return true;
        for (const auto parent : ways[i]->parents) {
            const auto* next = &concepts_[parent];
            if (std::find(ways.begin(), ways.end(), next) == ways.end()) ways.push_back(next);
        }
    }
    return false;
}

bool CodeSystem::declares(std::string_view property) const {
    constexpr std::string_view kAlways[] = {"concept", "code", "display", "definition", "parent", "child", "inactive", "notSelectable", "status"};
    return std::find(std::begin(kAlways), std::end(kAlways), property) != std::end(kAlways) ||
           std::find(declared_.begin(), declared_.end(), property) != declared_.end();
}

void CodeSystem::link(std::uint32_t parent, std::uint32_t child) {
    auto& up = concepts_[child].parents;
    if (parent == child || std::find(up.begin(), up.end(), parent) != up.end()) return;
    up.push_back(parent);
    concepts_[parent].children.push_back(child);
}

base::Status CodeSystem::read(const json::Array& concepts, std::int64_t parent, int depth) {
    if (depth > kDeepest) return base::fail(Kind::too_large, url + ": concepts are nested deeper than " + std::to_string(kDeepest));
    for (const auto& one : concepts) {
        const auto place = static_cast<std::uint32_t>(concepts_.size());
        auto made = concept_of(one);
        if (made.code.empty()) return base::fail(Kind::invalid, url + ": a concept has no code");
        if (!places_.emplace(key(made.code), place).second) return base::fail(Kind::invalid, url + ": the code '" + shown(made.code) + "' stands twice");
        concepts_.push_back(std::move(made));
        if (parent >= 0) link(static_cast<std::uint32_t>(parent), place);
        if (auto done = read(list(one, "concept"), place, depth + 1); !done) return done;
    }
    return {};
}

// Polyhierarchies are written as properties: parent and child, and subsumedBy in HL7 v3's systems.
void CodeSystem::link_by_property() {
    const auto among = [](const std::vector<std::string>& names, const std::string& name) { return std::find(names.begin(), names.end(), name) != names.end(); };
    for (std::uint32_t i = 0; i < concepts_.size(); ++i) {
        for (const auto& property : concepts_[i].properties) {
            const bool up = among(parent_properties_, property.code), down = among(child_properties_, property.code);
            if (!up && !down) continue;
            const auto other = places_.find(key(property.text()));
            if (other == places_.end()) continue;
            if (up) link(other->second, i);
            else link(i, other->second);
        }
    }
}

base::Result<CodeSystem> CodeSystem::parse(const json::Value& resource) {
    CodeSystem out;
    out.url = resource.text("url");
    out.version = resource.text("version");
    out.name = resource.text("name");
    out.title = resource.text("title");
    out.content = resource.text("content");
    out.hierarchy_meaning = resource.text("hierarchyMeaning");
    out.value_set = resource.text("valueSet");
    out.case_sensitive = flag(resource, "caseSensitive", true);
    if (out.url.empty()) return base::fail(Kind::invalid, "a CodeSystem needs a url to be referred to", {"CodeSystem.url"}, "required");
    if (out.content.empty()) return base::fail(Kind::invalid, out.url + ": content is missing", {"CodeSystem.content"}, "required");
    out.parent_properties_ = {"parent", "subsumedBy"};
    out.child_properties_ = {"child"};
    for (const auto& one : list(resource, "property")) {
        out.declared_.emplace_back(one.text("code"));
        const auto uri = one.text("uri");
        if (uri.ends_with("concept-properties#parent")) out.parent_properties_.emplace_back(one.text("code"));
        if (uri.ends_with("concept-properties#child")) out.child_properties_.emplace_back(one.text("code"));
    }
    for (const auto& one : list(resource, "filter")) out.declared_.emplace_back(one.text("code"));
    if (auto done = out.read(list(resource, "concept"), -1, 0); !done) return base::pass(done);
    out.link_by_property();
    return out;
}

}  // namespace terminology
