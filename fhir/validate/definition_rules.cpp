#include "fhir/validate/definition_rules.hpp"

#include "fhir/terminology/reading.hpp"
#include "fhir/validate/profiles.hpp"
#include "storage/base/json_members.hpp"

#include <algorithm>
#include <vector>

namespace validate {
namespace {

using definitions::Group;

std::string quoted(std::string_view text) {
    return "'" + std::string(base::utf8_prefix(text, 64)) + "'";
}

std::size_t count_concepts(const json::Value& parent) {
    std::size_t out = 0;
    for (const auto& one : list(parent, "concept")) out += 1 + count_concepts(one);
    return out;
}

// A supplement adds to the codes of its system, and makes none.
void check_supplement(const json::Value& parent, const terminology::CodeSystem& of, Report& report) {
    const auto& concepts = list(parent, "concept");
    for (std::size_t i = 0; i < concepts.size(); ++i) {
        const Report::Step step(report, "concept");
        const Report::Step item(report, i);
        const auto code = concepts[i].text("code");
        if (!code.empty() && of.find(code) == nullptr) report.error("code-invalid", "The code system " + of.url + ", which this supplements, has no code " + quoted(code), "code");
        check_supplement(concepts[i], of, report);
    }
}

void check_code_system(const json::Value& resource, const Options& options, Report& report) {
    const auto content = resource.text("content"), supplements = resource.text("supplements");
    const auto* count = resource.find("count");
    const auto* number = count == nullptr ? nullptr : count->if_number();
    const auto actual = std::to_string(count_concepts(resource));
    if (content == "complete" && number != nullptr && number->text != actual) report.error("invalid", "A complete code system counts all its concepts: there are " + actual + ", count says " + number->text, "count");
    if (content == "not-present" && actual != "0") report.error("invalid", "The content is not-present, yet there are concepts", "concept");
    if (content == "supplement" && supplements.empty()) report.error("invalid", "A supplement says which code system it supplements", "supplements");
    if (supplements.empty()) return;
    if (content != "supplement" && !content.empty()) report.error("invalid", "What supplements a code system has the content 'supplement', not " + quoted(content), "content");
    const terminology::Reference reference(supplements);
    const auto known = known_profiles(options).terms().code_system(reference.url, reference.version);
    if (known && (*known)->complete()) check_supplement(resource, **known, report);
}

void check_listed(const json::Value& include, const Options& options, Report& report) {
    const auto& concepts = list(include, "concept");
    if (concepts.empty()) return;
    const auto known = known_profiles(options).terms().code_system(include.text("system"), include.text("version"));
    if (!known || !(*known)->complete()) return;
    for (std::size_t i = 0; i < concepts.size(); ++i) {
        const auto code = concepts[i].text("code");
        if (code.empty() || (*known)->find(code) != nullptr) continue;
        const Report::Step step(report, "concept");
        const Report::Step item(report, i);
        report.warning("code-invalid", "The code system " + (*known)->url + " has no code " + quoted(code), "code");
    }
}

void check_value_set(const json::Value& resource, const Options& options, Report& report) {
    const auto* compose = resource.find("compose");
    if (compose == nullptr || !options.warnings) return;
    const Report::Step step(report, "compose");
    for (const auto* name : {"include", "exclude"}) {
        const auto& includes = list(*compose, name);
        for (std::size_t i = 0; i < includes.size(); ++i) {
            const Report::Step list_step(report, name);
            const Report::Step item(report, i);
            check_listed(includes[i], options, report);
        }
    }
}

// Where a path of R4 leads, one step after the other; through a choice it may lead to several types.
class Path {
  public:
    explicit Path(const Group& start) : at_{&start} {}

    bool take(std::string_view name) {
        if (open_) return true;
        name = name.substr(0, name.find(':'));  // some write the slice into the path too
        if (name.ends_with("[x]")) name.remove_suffix(3);
        std::vector<const Group*> next;
        bool found = false;
        for (const auto* group : at_) {
            const auto* element = definitions::element(*group, name);
            const auto member = element == nullptr ? definitions::member(*group, name) : definitions::Member{};
            if (element == nullptr && !member) continue;
            found = true;
            if (member) add(*member.type, next);
            else for (const auto& type : element->types) add(type, next);
        }
        at_ = std::move(next);
        return found;
    }

  private:
    void add(const definitions::ElementType& type, std::vector<const Group*>& out) {
        const auto* group = type.group();
        // What an open resource holds is for the profile to say; a primitive has its value, beside id and extensions.
        open_ = open_ || group == nullptr || type.code == "Resource";
        if (group != nullptr) out.push_back(group);
    }

    std::vector<const Group*> at_;
    bool open_ = false;  // anything may follow
};

void check_paths(const json::Value& resource, std::string_view part, const Group& type, Report& report) {
    const auto* member = resource.find(part);
    if (member == nullptr) return;
    const auto& elements = list(*member, "element");
    const Report::Step step(report, part);
    for (std::size_t i = 0; i < elements.size(); ++i) {
        auto rest = elements[i].text("path");
        const auto first = rest.substr(0, rest.find('.'));
        if (first != type.name) continue;  // sdf-8 and sdf-8a tell
        rest.remove_prefix(std::min(first.size() + 1, rest.size()));
        Path path(type);
        while (!rest.empty()) {
            const auto name = rest.substr(0, rest.find('.'));
            rest.remove_prefix(std::min(name.size() + 1, rest.size()));
            if (path.take(name)) continue;
            const Report::Step element(report, "element");
            const Report::Step item(report, i);
            report.error("not-found", std::string(type.name) + " has no element " + quoted(elements[i].text("path")) + " in R4", "path");
            break;
        }
    }
}

void check_profile(const json::Value& resource, Report& report) {
    if (resource.text("derivation") != "constraint" || resource.text("kind") == "logical") return;
    const auto* type = definitions::group(resource.text("type"));
    if (type == nullptr) return;
    check_paths(resource, "differential", *type, report);
    check_paths(resource, "snapshot", *type, report);
}

}  // namespace

void check_definition(const json::Value& resource, const Options& options, Report& report) {
    const auto type = resource.text("resourceType");
    if (type == "CodeSystem") check_code_system(resource, options, report);
    else if (type == "ValueSet") check_value_set(resource, options, report);
    else if (type == "StructureDefinition") check_profile(resource, report);
}

}  // namespace validate
