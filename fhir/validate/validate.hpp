// Validation of R4 resources against the base specification, and against profiles that are known (R4 validation.html): structure,
// cardinality, types and formats, bindings, references, containment, bundles, narrative, invariants. Pure: reads the static tables and
// what Options names, and may run on any number of threads at once.
#pragma once

#include "fhir/validate/issue.hpp"

#include <memory>
#include <string>
#include <vector>

namespace validate {

class Profiles;

struct Options {
    const Profiles* profiles = nullptr;         // where profiles and terminology are looked up; nullptr: R4's own alone
    std::shared_ptr<const Profiles> held = {};  // keeps what `profiles` points to, where it may be replaced meanwhile
    std::vector<std::string> profile_urls;      // also to be met by the resource, beside those of its meta.profile
    std::string base_url;                       // of this server, no slash at the end; absolute references below it are its own
    bool bundle_entries = true;                 // false: of a Bundle's entries the resources are passed over
    bool warnings = true;                       // false: only errors are looked for, which is quicker
    std::size_t max_issues = 200;               // errors, and as many warnings; one more then says that others follow
};

// All that was found, in document order; empty when there is nothing to say. The resource may be of any shape: what json::parse gave.
Issues validate(const json::Value& resource, const Options& options = {});

// What these options know: their profiles, or R4's own.
const Profiles& known_profiles(const Options& options);

}  // namespace validate
