// A resource against one profile, beyond the base specification. Inside fhir/validate only.
#pragma once

#include "fhir/validate/profile.hpp"
#include "fhir/validate/report.hpp"
#include "fhir/validate/scope.hpp"

namespace validate {

// The resource against those of its profiles that are known: of its meta.profile and, for the outermost, of Options::profile_urls.
// A profile that is not known here is told: as an error when it was asked for by name, else as a warning.
void check_profiles(const json::Value& resource, const Scope& scope, bool outermost, const Options& options, Report& report);

}  // namespace validate
