// Conditional references of a transaction (R4 http.html#trules, step 5): "Organization?identifier=..." becomes the reference to the one
// resource that meets the criteria once the entries are written.
#pragma once

#include "fhir/rest/writing.hpp"

#include <map>
#include <set>
#include <string>

namespace rest {

class ConditionalLinks {
  public:
    explicit ConditionalLinks(Writing& writing, const Services& services) : writing_(writing), services_(services) {}

    // Replaces those of `resource` that can be. False when one of them has no match by now: what it means may be written yet. Errors:
    // Kind::precondition_failed when several match; Kind::invalid for a type or criteria that are none.
    base::Result<bool> resolve(json::Value& resource);
    // For who can wait no longer. Error besides those of resolve(): Kind::precondition_failed when there is no match.
    base::Status resolve_all(json::Value& resource);
    // A resource of `type` was written or will be: what criteria on it meant must be looked at again by confirm().
    void wrote(const std::string& type) { written_.insert(type); }
    // After the last write: what was resolved is still the one match. Error: Kind::precondition_failed.
    base::Status confirm();

  private:
    base::Result<std::string> look_up(const std::string& type, const std::string& query);  // empty when there is none

    Writing& writing_;
    const Services& services_;
    std::map<std::pair<std::string, std::string>, std::string> resolved_;  // (type, query) -> reference
    std::set<std::string> written_;
    std::string missing_;  // the last one without a match
};

}  // namespace rest
