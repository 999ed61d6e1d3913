#include "fhir/validate/profiles.hpp"

#include "fhir/validate/package.hpp"
#include "fhir/validate/profile.hpp"

namespace validate {

ProfileEntry::ProfileEntry(std::string url, std::string text) : url_(std::move(url)), owned_(std::move(text)), text_(owned_) {}
ProfileEntry::ProfileEntry(const definitions::Canonical& row) : url_(row.url), text_(row.json) {}
ProfileEntry::ProfileEntry(Profile profile) : url_(profile.url), profile_(std::make_unique<const Profile>(std::move(profile))) {}
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
    profiles_[entry->url()] = std::move(entry);
}

base::Status Profiles::add(const json::Value& resource) {
    if (terminology::type_of(resource.text("resourceType"))) return terms_.add(resource);
    // A specialization is a type of its own, and R4's are compiled in; logical models describe no resource.
    if (resource.text("resourceType") != "StructureDefinition" || resource.text("derivation") != "constraint") return {};
    auto made = make_profile(resource);
    if (!made) return base::pass(made);
    add(std::make_shared<const ProfileEntry>(std::move(*made)));
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
    const auto found = profiles_.find(canonical.substr(0, canonical.find('|')));
    if (found != profiles_.end()) return found->second->profile();
    return below_ == nullptr ? nullptr : below_->find(canonical);
}

}  // namespace validate
