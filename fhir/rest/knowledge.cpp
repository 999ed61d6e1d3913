#include "fhir/rest/knowledge.hpp"

#include <algorithm>

#include "fhir/validate/profile.hpp"
#include "storage/base/log.hpp"

namespace rest {
namespace {

constexpr std::string_view kTypes[] = {"StructureDefinition", "CodeSystem", "ValueSet", "ConceptMap", "Questionnaire"};

// What constrains a type can be asked of resources; types of one's own and logical models cannot.
bool is_profile(const json::Value& resource) {
    return resource.text("resourceType") == "StructureDefinition" && resource.text("derivation") == "constraint" && resource.text("kind") != "logical";
}

std::optional<base::Error> problem_of(const json::Value& resource) {
    const auto type = resource.text("resourceType");
    if (is_profile(resource)) {
        const auto made = validate::make_profile(resource);
        return made ? std::nullopt : std::optional(made.error());
    }
    if (resource.text("url").empty()) return std::nullopt;  // nobody can refer to it
    if (type == "CodeSystem") {
        const auto made = terminology::CodeSystem::parse(resource);
        return made ? std::nullopt : std::optional(made.error());
    }
    if (type == "ConceptMap") {
        const auto made = terminology::ConceptMap::parse(resource);
        return made ? std::nullopt : std::optional(made.error());
    }
    if (type != "ValueSet" || resource.find("compose") == nullptr) return std::nullopt;
    const auto made = terminology::ValueSet::parse(resource);
    return made ? std::nullopt : std::optional(made.error());
}

void look(const json::Value& resource, const std::string& place, validate::Issues& out) {
    if (!is_definition(resource.text("resourceType"))) return;
    const auto problem = problem_of(resource);
    if (!problem) return;
    const bool no_snapshot = is_profile(resource) && resource.find("snapshot") == nullptr;
    auto sentence = no_snapshot ? "A profile needs its snapshot here: kedge does not make one from the differential. The IG Publisher writes one, and so does sushi build --snapshot"
                                : problem->diagnostics;
    out.push_back({validate::Severity::error, no_snapshot ? "required" : "invalid", std::move(sentence), no_snapshot ? place + ".snapshot" : problem->expression.empty() ? place : problem->expression.front()});
}

}  // namespace

bool is_definition(std::string_view type) {
    return std::find(std::begin(kTypes), std::end(kTypes), type) != std::end(kTypes);
}

validate::Issues definition_issues(const json::Value& resource) {
    validate::Issues out;
    const std::string type(resource.text("resourceType"));
    if (type != "Bundle") {
        look(resource, type, out);
        return out;
    }
    const auto* member = resource.find("entry");
    const auto* entries = member == nullptr ? nullptr : member->if_array();
    for (std::size_t i = 0; entries != nullptr && i < entries->size(); ++i) {
        if (const auto* inner = (*entries)[i].find("resource")) look(*inner, "Bundle.entry[" + std::to_string(i) + "].resource", out);
    }
    return out;
}

Knowledge::Knowledge(Set packages) : packages_(std::move(packages)), current_(packages_) {}

Knowledge::Set Knowledge::current() const {
    const std::lock_guard lock(pointer_);
    return current_;
}

Knowledge::Change Knowledge::change_of(const std::string& type, const std::string& id, const store::Version& version, const consent::Facts& facts, const json::Value& resource, std::string body) {
    Change out{type + "/" + id, version.updated_us, nullptr, nullptr, nullptr};
    const bool of_patient = !facts.patients.empty() || std::any_of(facts.references.begin(), facts.references.end(), [](const std::string& r) { return r.starts_with("Patient/"); });
    if (version.deleted || of_patient || resource.text("url").empty()) return out;
    if (const auto kind = terminology::type_of(type)) {
        out.entry = terminology::Entry::make(*kind, resource, std::move(body), out.reference + "/_history/" + std::to_string(version.version));
    } else if (is_profile(resource)) {
        out.profile = std::make_shared<const validate::ProfileEntry>(resource, std::move(body));
    } else if (type == "Questionnaire") {
        out.questionnaire = std::make_shared<const validate::QuestionnaireEntry>(resource, std::move(body));
    }
    return out;
}

void Knowledge::put(Change change) {
    posted_.erase(change.reference);
    if (change.entry || change.profile || change.questionnaire) posted_.emplace(change.reference, std::move(change));
}

// The map is made anew, the entries in it are shared: what was parsed once stays parsed.
void Knowledge::swap_in() {
    std::vector<const Change*> order;
    for (const auto& [key, posted] : posted_) order.push_back(&posted);
    // Of several with one url and version the last written counts.
    std::stable_sort(order.begin(), order.end(), [](const Change* a, const Change* b) { return a->updated_us < b->updated_us; });
    auto next = std::make_shared<validate::Profiles>(packages_);
    for (const auto* posted : order) {
        if (posted->entry) next->terms().add(posted->entry);
        else if (posted->profile) next->add(posted->profile);
        else next->add(posted->questionnaire);
    }
    Set before = std::move(next);  // the old set ends after the lock, when its last reader is done
    const std::lock_guard lock(pointer_);
    current_.swap(before);
}

void Knowledge::apply(std::vector<Change> changes) {
    const std::lock_guard lock(mutex_);
    for (auto& change : changes) put(std::move(change));
    swap_in();
}

base::Status Knowledge::load(store::Store& store) {
    // Nothing is disclosed: what is read here is only asked about, and each answer has its own entry.
    auto duty = store::AuditDuty::exempt("definitions at the start");
    const auto snapshot = store.snapshot(duty);
    if (!snapshot) return base::pass(snapshot);
    const std::lock_guard lock(mutex_);
    for (const auto type : kTypes) {
        store::Query query;
        query.type = type;
        query.limit = 1000;
        while (true) {
            const auto hits = (*snapshot)->search(query, [](const store::Candidate&) { return true; });
            if (!hits) return base::pass(hits);
            for (const auto& hit : hits->rows) {
                const auto record = (*snapshot)->fetch(hit);
                if (!record) return base::pass(record);
                const auto facts = consent::Facts::decode(record->facts);
                if (!facts) return base::pass(facts);
                const auto resource = json::parse(record->body, {.bytes = SIZE_MAX, .depth = 256, .values = SIZE_MAX});
                if (!resource) return base::fail(base::Kind::corrupt, "a stored " + record->type + " does not parse");
                put(change_of(record->type, record->id, record->version, *facts, *resource, record->body));
            }
            if (!hits->more || hits->rows.empty()) break;
            query.before_seq = hits->rows.back().seq;
        }
    }
    swap_in();
    return {};
}

std::size_t Knowledge::posted() const {
    const std::lock_guard lock(mutex_);
    return posted_.size();
}

}  // namespace rest
