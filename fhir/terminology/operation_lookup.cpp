// CodeSystem/$lookup and $subsumes: https://hl7.org/fhir/R4/codesystem-operation-lookup.html, codesystem-operation-subsumes.html
#include <algorithm>

#include "fhir/terminology/asked.hpp"
#include "fhir/terminology/grammar.hpp"

namespace terminology {
namespace {

using base::Kind;

base::Result<EntryPtr> system_entry(const Library& library, const Asked& asked) {
    if (asked.system.empty()) return base::fail(Kind::invalid, "a code needs its system: give system with code, or a coding with its system", {}, "required");
    const Reference reference(asked.system, asked.version);
    auto entry = library.find(Type::code_system, reference.url, reference.version);
    if (!entry && has_grammar(asked.system)) {
        return base::fail(Kind::not_supported, "the codes of " + asked.system + " follow a grammar or stand in a list that is not held here; ask $validate-code whether one is well-formed");
    }
    return entry;
}

base::Result<const Concept*> concept_of(const CodeSystem& system, const std::string& code) {
    const auto* found = system.find(code);
    if (found != nullptr) return found;
    if (!system.complete()) return base::fail(Kind::not_supported, "the code system " + system.url + " is not held here in full (content is " + system.content + "), and the code '" + shown(code) + "' is not among what is");
    return base::fail(Kind::not_found, "the code system " + system.url + " has no code '" + shown(code) + "'", {}, "not-found");
}

class Lookup {
  public:
    Lookup(const CodeSystem& system, const Concept& concept_of, const Arguments& arguments) : system_(system), concept_(concept_of), wanted_(arguments.texts("property")), language_(arguments.text("displayLanguage")) {}

    // Of what is asked for, each must be something the system can have.
    base::Status check() const {
        constexpr std::string_view kOwn[] = {"url", "name", "version", "display", "definition", "designation", "parent", "child"};
        for (const auto& name : wanted_) {
            const bool own = std::find(std::begin(kOwn), std::end(kOwn), name) != std::end(kOwn);
            const bool has = std::any_of(concept_.properties.begin(), concept_.properties.end(), [&](const Property& p) { return p.code == name; });
            if (!own && !has && !system_.declares(name)) return base::fail(Kind::invalid, "the code system " + system_.url + " has no property '" + shown(name) + "'", {}, "not-supported");
        }
        return {};
    }

    json::Value told() {
        out_.add("name", "valueString", system_.name.empty() ? system_.url : system_.name);
        if (!system_.version.empty()) out_.add("version", "valueString", system_.version);
        const auto display = concept_.display_in(language_);
        out_.add("display", "valueString", display.empty() ? std::string_view(concept_.code) : display);
        if (wants("designation")) designations();
        if (wants("definition") && !concept_.definition.empty()) property("definition", "valueString", concept_.definition, {});
        for (const auto& one : concept_.properties) {
            // The hierarchy is told below, once and in both directions.
            if (one.code != "parent" && one.code != "child" && wants(one.code)) property(one.code, one.member, one.value, {});
        }
        relatives("parent", concept_.parents);
        relatives("child", concept_.children);
        return std::move(out_).resource();
    }

  private:
    bool wants(std::string_view name) const { return wanted_.empty() || std::find(wanted_.begin(), wanted_.end(), name) != wanted_.end(); }

    void property(std::string_view code, std::string_view member, json::Value value, const std::string& description) {
        Told parts;
        parts.add("code", "valueCode", code);
        parts.add("value", member, std::move(value));
        if (!description.empty()) parts.add("description", "valueString", description);
        out_.add_parts("property", std::move(parts).take());
    }
    void relatives(std::string_view name, const std::vector<std::uint32_t>& places) {
        if (!wants(name)) return;
        for (const auto place : places) {
            const auto& other = system_.concepts()[place];
            property(name, "valueCode", other.code, other.display);
        }
    }
    void designations() {
        for (const auto& one : concept_.designations) {
            Told parts;
            if (!one.language.empty()) parts.add("language", "valueCode", one.language);
            if (!one.use.is_null()) parts.add("use", "valueCoding", one.use);
            parts.add("value", "valueString", one.value);
            out_.add_parts("designation", std::move(parts).take());
        }
    }

    const CodeSystem& system_;
    const Concept& concept_;
    std::vector<std::string> wanted_;
    std::string language_;
    Told out_;
};

// codeA and codeB with a system, or codingA and codingB. The system may be the instance.
base::Result<std::pair<Asked, Asked>> pair_asked(const Arguments& arguments) {
    const auto* a = arguments.value("codingA");
    const auto* b = arguments.value("codingB");
    const auto code_a = arguments.text("codeA"), code_b = arguments.text("codeB");
    const bool codings = a != nullptr && b != nullptr && code_a.empty() && code_b.empty();
    const bool codes = a == nullptr && b == nullptr && !code_a.empty() && !code_b.empty();
    if (!codings && !codes) return base::fail(Kind::invalid, "give codeA and codeB with their system, or codingA and codingB", {}, "required");
    const auto system = arguments.text("system"), version = arguments.text("version");
    if (codes) return std::pair{Asked{system, version, code_a, {}}, Asked{system, version, code_b, {}}};
    auto out = std::pair{asked_of(*a), asked_of(*b)};
    for (auto* one : {&out.first, &out.second}) {
        if (one->system.empty()) one->system = system;
        if (one->version.empty()) one->version = version;
    }
    if (out.first.system != out.second.system) {
        return base::fail(Kind::invalid, "the codings are of two systems, " + shown(out.first.system) + " and " + shown(out.second.system) + "; subsumption holds inside one", {}, "invalid");
    }
    return out;
}

}  // namespace

base::Result<Answer> lookup(const Question& question) {
    const auto codes = codes_asked(question.arguments, "version");
    if (!codes) return base::pass(codes);
    const auto& asked = codes->front();
    const auto entry = system_entry(question.library, asked);
    if (!entry) return base::pass(entry);
    const auto system = (*entry)->code_system();
    if (!system) return base::pass(system);
    const auto found = concept_of(**system, asked.code);
    if (!found) return base::pass(found);
    Lookup look(**system, **found, question.arguments);
    if (auto fine = look.check(); !fine) return base::pass(fine);
    Answer out{look.told(), {}};
    if (!(*entry)->source().empty()) out.used.push_back((*entry)->source());
    return out;
}

base::Result<Answer> subsumes(const Question& question) {
    const auto pair = pair_asked(question.arguments);
    if (!pair) return base::pass(pair);
    std::shared_ptr<const CodeSystem> system;
    Answer out;
    if (question.instance != nullptr) {
        auto made = CodeSystem::parse(*question.instance);
        if (!made) return base::pass(made);
        if (!pair->first.system.empty() && pair->first.system != made->url) return base::fail(Kind::invalid, "the system asked about is not the CodeSystem in the path, " + made->url, {}, "invalid");
        system = std::make_shared<const CodeSystem>(std::move(*made));
    } else {
        const auto entry = system_entry(question.library, pair->first);
        if (!entry) return base::pass(entry);
        auto found = (*entry)->code_system();
        if (!found) return base::pass(found);
        system = std::move(*found);
        if (!(*entry)->source().empty()) out.used.push_back((*entry)->source());
    }
    const auto a = concept_of(*system, pair->first.code), b = concept_of(*system, pair->second.code);
    if (!a) return base::pass(a);
    if (!b) return base::pass(b);
    const bool same = *a == *b;
    if (!same && !system->hierarchy_meaning.empty() && system->hierarchy_meaning != "is-a") {
        return base::fail(Kind::not_supported, "the hierarchy of " + system->url + " means " + system->hierarchy_meaning + ", not is-a: it says nothing of subsumption");
    }
    if (!same && !system->complete()) return base::fail(Kind::not_supported, "the code system " + system->url + " is not held here in full, so subsumption cannot be told");
    Told told;
    told.add("outcome", "valueCode", same ? "equivalent" : system->is_below(**b, **a) ? "subsumes" : system->is_below(**a, **b) ? "subsumed-by" : "not-subsumed");
    out.resource = std::move(told).resource();
    return out;
}

}  // namespace terminology
