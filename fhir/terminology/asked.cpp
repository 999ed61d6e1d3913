#include "fhir/terminology/asked.hpp"

namespace terminology {
namespace {

using base::Kind;

template <class T>
base::Result<std::shared_ptr<const T>> parse(const json::Value& resource, std::string_view type) {
    if (resource.text("resourceType") != type) {
        return base::fail(Kind::invalid, "a " + std::string(type) + " is expected, not a " + shown(resource.text("resourceType")), {}, "invalid");
    }
    auto made = T::parse(resource);
    if (!made) return base::pass(made);
    return std::make_shared<const T>(std::move(*made));
}

base::Result<std::shared_ptr<const CodeSystem>> of(const EntryPtr& entry, const CodeSystem*) {
    return entry->code_system();
}
base::Result<std::shared_ptr<const ValueSet>> of(const EntryPtr& entry, const ValueSet*) {
    return entry->value_set();
}
base::Result<std::shared_ptr<const ConceptMap>> of(const EntryPtr& entry, const ConceptMap*) {
    return entry->concept_map();
}

template <class T>
base::Result<Meant<T>> meant(const Question& question, Type type, std::string_view resource_type, std::string_view inline_name, std::string_view version_name) {
    const auto url = question.arguments.text("url");
    const auto* sent = question.arguments.value(inline_name);
    const int named = (question.instance != nullptr) + (sent != nullptr) + !url.empty();
    if (named > 1) return base::fail(Kind::invalid, "which " + std::string(name_of(type)) + " is meant? Give one of url, " + std::string(inline_name) + ", or an id in the path", {}, "invalid");
    Meant<T> out;
    if (named == 0) return out;
    if (url.empty()) {
        auto made = parse<T>(question.instance != nullptr ? *question.instance : *sent, resource_type);
        if (!made) return base::pass(made);
        out.value = std::move(*made);
        return out;
    }
    const Reference reference(url, question.arguments.text(version_name));
    const auto entry = question.library.find(type, reference.url, reference.version);
    if (!entry) {
        // The set of all codes of a system may stand in that system alone.
        if constexpr (std::is_same_v<T, ValueSet>) {
            auto all = question.library.value_set(reference.url, reference.version);
            if (all) return Meant<T>{std::move(*all), {}};
        }
        return base::pass(entry);
    }
    auto value = of(*entry, static_cast<const T*>(nullptr));
    if (!value) return base::pass(value);
    if (!(*entry)->source().empty()) out.used.push_back((*entry)->source());
    out.value = std::move(*value);
    return out;
}

}  // namespace

Asked asked_of(const json::Value& coding) {
    return {std::string(coding.text("system")), std::string(coding.text("version")), std::string(coding.text("code")), std::string(coding.text("display"))};
}

base::Result<std::vector<Asked>> codes_asked(const Arguments& arguments, std::string_view version_name) {
    const auto* coding = arguments.value("coding");
    const auto* codeable = arguments.value("codeableConcept");
    const auto code = arguments.text("code");
    const int given = (coding != nullptr) + (codeable != nullptr) + !code.empty();
    if (given != 1) return base::fail(Kind::invalid, "give one of code (with its system), coding and codeableConcept", {}, given == 0 ? "required" : "invalid");
    if (!code.empty()) return std::vector<Asked>{{arguments.text("system"), arguments.text(version_name), code, arguments.text("display")}};
    if (arguments.has("display")) return base::fail(Kind::invalid, "display goes with code; a coding carries its own", {}, "invalid");
    std::vector<Asked> out;
    if (coding != nullptr) out.push_back(asked_of(*coding));
    else {
        for (const auto& one : list(*codeable, "coding")) out.push_back(asked_of(one));
    }
    std::erase_if(out, [](const Asked& one) { return one.code.empty(); });
    if (out.empty()) return base::fail(Kind::invalid, coding != nullptr ? "the coding has no code" : "the codeableConcept has no coding with a code", {}, "required");
    return out;
}

base::Result<Meant<CodeSystem>> system_meant(const Question& question) {
    return meant<CodeSystem>(question, Type::code_system, "CodeSystem", "codeSystem", "version");
}
base::Result<Meant<ValueSet>> set_meant(const Question& question) {
    auto out = meant<ValueSet>(question, Type::value_set, "ValueSet", "valueSet", "valueSetVersion");
    if (out && out->value == nullptr) return base::fail(Kind::invalid, "which value set? Give its url, the valueSet itself, or an id in the path", {}, "required");
    return out;
}
base::Result<Meant<ConceptMap>> map_meant(const Question& question) {
    return meant<ConceptMap>(question, Type::concept_map, "ConceptMap", "conceptMap", "conceptMapVersion");
}

void Told::add(std::string_view name, std::string_view member, json::Value value) {
    json::Object out;
    out.set("name", name);
    out.set(std::string(member), std::move(value));
    parts_.emplace_back(std::move(out));
}

void Told::add_parts(std::string_view name, json::Array parts) {
    json::Object out;
    out.set("name", name);
    out.set("part", std::move(parts));
    parts_.emplace_back(std::move(out));
}

json::Value Told::resource() && {
    json::Object out;
    out.set("resourceType", "Parameters");
    if (!parts_.empty()) out.set("parameter", std::move(parts_));
    return out;
}

}  // namespace terminology
