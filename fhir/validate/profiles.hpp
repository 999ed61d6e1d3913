// Profiles given at run time: StructureDefinitions with snapshots, out of FHIR packages. Filled once, then read by any number of threads.
#pragma once

#include "storage/base/json.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace validate {

struct Profile;  // profile.hpp

class Profiles {
  public:
    Profiles();
    ~Profiles();
    Profiles(Profiles&&) noexcept;
    Profiles& operator=(Profiles&&) noexcept;

    // A FHIR package: a gzipped tar with package/*.json. Takes its StructureDefinitions that constrain a type and its ValueSets whose
    // codes are listed. Errors: Kind::not_found when it cannot be read; Kind::invalid with the file inside when something in it is broken.
    base::Status load(const std::string& path);
    // One conformance resource; others than StructureDefinition, ValueSet and CodeSystem are passed over. Errors: Kind::invalid.
    base::Status add(const json::Value& resource);

    // By canonical URL, with or without |version; nullptr when it is not known.
    const Profile* find(std::string_view canonical) const;
    std::size_t size() const { return profiles_.size(); }

  private:
    std::map<std::string, std::unique_ptr<Profile>, std::less<>> profiles_;
};

}  // namespace validate
