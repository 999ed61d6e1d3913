#include "fhir/validate/profiles.hpp"

#include "fhir/validate/package.hpp"
#include "fhir/validate/profile.hpp"

namespace validate {

Profiles::Profiles() = default;
Profiles::~Profiles() = default;
Profiles::Profiles(Profiles&&) noexcept = default;
Profiles& Profiles::operator=(Profiles&&) noexcept = default;

base::Status Profiles::add(const json::Value& resource) {
    // A specialization is a type of its own, and R4's are compiled in; logical models describe no resource.
    if (resource.text("resourceType") != "StructureDefinition" || resource.text("derivation") != "constraint") return {};
    auto made = make_profile(resource);
    if (!made) return base::pass(made);
    auto url = made->url;
    profiles_[std::move(url)] = std::make_unique<Profile>(std::move(*made));
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
    return found == profiles_.end() ? nullptr : found->second.get();
}

}  // namespace validate
