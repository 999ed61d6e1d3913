#include "fhir/validate/profiles.hpp"

#include "fhir/terminology/reading.hpp"
#include "fhir/validate/package.hpp"
#include "fhir/validate/profile.hpp"

#include <algorithm>

namespace validate {

namespace {

bool is_active(const json::Value& resource) {
    return resource.text("status").empty() || resource.text("status") == "active";
}

std::string_view version_of(const ProfileEntry& entry) {
    return entry.version();
}
std::string_view version_of(const QuestionnaireEntry& entry) {
    return entry.version;
}
bool counts(const ProfileEntry& entry) {
    return entry.active();
}
bool counts(const QuestionnaireEntry& entry) {
    return entry.active;
}

// Keeps the versions ascending; one of the same version takes the other's place.
template <class Entries, class EntryPtr>
void put(Entries& versions, EntryPtr entry) {
    std::erase_if(versions, [&](const EntryPtr& other) { return version_of(*other) == version_of(*entry); });
    const auto place = std::upper_bound(versions.begin(), versions.end(), entry, [](const EntryPtr& a, const EntryPtr& b) { return terminology::version_before(version_of(*a), version_of(*b)); });
    versions.insert(place, std::move(entry));
}

template <class EntryPtr>
EntryPtr choose(const std::vector<EntryPtr>& versions, std::string_view version) {
    if (!version.empty()) {
        const auto same = std::find_if(versions.begin(), versions.end(), [&](const EntryPtr& entry) { return version_of(*entry) == version; });
        return same == versions.end() ? nullptr : *same;
    }
    const auto newest = std::find_if(versions.rbegin(), versions.rend(), [](const EntryPtr& entry) { return counts(*entry); });
    return newest == versions.rend() ? versions.back() : *newest;
}

}  // namespace

ProfileEntry::ProfileEntry(const json::Value& resource, std::string text)
    : url_(resource.text("url")), version_(resource.text("version")), owned_(std::move(text)), active_(is_active(resource)), text_(owned_) {}
ProfileEntry::ProfileEntry(const definitions::Canonical& row) : url_(row.url), version_(row.version), text_(row.json) {}
ProfileEntry::ProfileEntry(const json::Value& resource, Profile profile)
    : url_(profile.url), version_(resource.text("version")), active_(is_active(resource)), profile_(std::make_unique<const Profile>(std::move(profile))) {}
ProfileEntry::~ProfileEntry() = default;

const Profile* ProfileEntry::profile() const {
    std::call_once(once_, [this] {
        if (profile_) return;
        const auto tree = json::parse(text_, {.bytes = SIZE_MAX, .depth = 256, .values = SIZE_MAX});
        auto made = tree ? make_profile(*tree) : base::Result<Profile>(base::pass(tree));
        if (made) profile_ = std::make_unique<const Profile>(std::move(*made));
    });
    return profile_.get();
}

Profiles::Profiles(std::shared_ptr<const Profiles> below) : below_(std::move(below)), terms_(std::shared_ptr<const terminology::Library>(below_, &below_->terms_)) {}
Profiles::Profiles(R4) : terms_(terminology::Library::r4()) {
    for (const auto& row : definitions::canonicals(definitions::CanonicalType::profile)) add(std::make_shared<const ProfileEntry>(row));
}
Profiles::~Profiles() = default;
Profiles::Profiles(Profiles&&) noexcept = default;
Profiles& Profiles::operator=(Profiles&&) noexcept = default;

std::shared_ptr<const Profiles> Profiles::r4() {
    static const std::shared_ptr<const Profiles> kProfiles(new Profiles(R4{}));
    return kProfiles;
}

void Profiles::add(ProfileEntryPtr entry) {
    auto& versions = profiles_[entry->url()];
    put(versions, std::move(entry));
}

void Profiles::add(QuestionnaireEntryPtr entry) {
    auto& versions = questionnaires_[entry->url];
    put(versions, std::move(entry));
}

base::Status Profiles::add(const json::Value& resource) {
    if (terminology::type_of(resource.text("resourceType"))) return terms_.add(resource);
    if (resource.text("resourceType") == "Questionnaire" && !resource.text("url").empty()) add(std::make_shared<const QuestionnaireEntry>(resource, json::write(resource)));
    // A specialization is a type of its own, and R4's are compiled in; logical models describe no resource.
    if (resource.text("resourceType") != "StructureDefinition" || resource.text("derivation") != "constraint") return {};
    auto made = make_profile(resource);
    if (!made) return base::pass(made);
    add(std::make_shared<const ProfileEntry>(resource, std::move(*made)));
    return {};
}

base::Status Profiles::load(const std::string& path) {
    return read_package(path, [this](const std::string& name, std::string_view text) -> base::Status {
        auto resource = json::parse(text);
        if (!resource) return base::fail(base::Kind::invalid, name + ": " + resource.error().diagnostics);
        auto added = add(*resource);
        if (!added) return base::fail(base::Kind::invalid, name + ": " + added.error().diagnostics);
        return {};
    });
}

const Profile* Profiles::find(std::string_view canonical) const {
    const terminology::Reference reference(canonical);
    for (const auto* layer = this; layer != nullptr; layer = layer->below_.get()) {
        const auto found = layer->profiles_.find(reference.url);
        if (found == layer->profiles_.end()) continue;
        if (const auto entry = choose(found->second, reference.version)) return entry->profile();
    }
    return nullptr;
}

std::vector<std::string> Profiles::versions(std::string_view url) const {
    std::vector<std::string> out;
    for (const auto* layer = this; layer != nullptr; layer = layer->below_.get()) {
        const auto found = layer->profiles_.find(url);
        if (found == layer->profiles_.end()) continue;
        for (const auto& entry : found->second) out.push_back(entry->version().empty() ? "no version" : entry->version());
    }
    return out;
}

QuestionnaireEntry::QuestionnaireEntry(const json::Value& resource, std::string body)
    : url(resource.text("url")), version(resource.text("version")), text(std::move(body)), active(is_active(resource)) {}

json::Value Profiles::questionnaire(std::string_view canonical) const {
    const terminology::Reference reference(canonical);
    for (const auto* layer = this; layer != nullptr; layer = layer->below_.get()) {
        const auto found = layer->questionnaires_.find(reference.url);
        const auto entry = found == layer->questionnaires_.end() ? nullptr : choose(found->second, reference.version);
        if (!entry) continue;
        auto tree = json::parse(entry->text, {.bytes = SIZE_MAX, .depth = 256, .values = SIZE_MAX});
        return tree ? std::move(*tree) : json::Value();
    }
    return {};
}

}  // namespace validate
