// Validation of R4 resources against the base specification, and against profiles that are known (R4 validation.html): structure,
// cardinality, types and formats, bindings, references, containment, bundles, narrative, invariants. Pure: reads the static tables and
// what Options names, and may run on any number of threads at once.
#pragma once

#include "fhir/validate/issue.hpp"

#include <string>
#include <vector>

namespace validate {

class Profiles;

struct Options {
    const Profiles* profiles = nullptr;         // what meta.profile and `profile_urls` are looked up in; nullptr: the base spec alone
    std::vector<std::string> profile_urls;      // also to be met by the resource, beside those of its meta.profile
    std::string base_url;                       // of this server, no slash at the end; absolute references below it are its own
    bool bundle_entries = true;                 // false: of a Bundle's entries the resources are passed over
    bool warnings = true;                       // false: only errors are looked for, which is quicker
    std::size_t max_issues = 200;               // one more then says that others follow
};

// All that was found, in document order; empty when there is nothing to say. The resource may be of any shape: what json::parse gave.
Issues validate(const json::Value& resource, const Options& options = {});

}  // namespace validate
