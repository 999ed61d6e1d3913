// Conditional update, patch and delete (R4 http.html#cond-update): which resource the criteria of a URL mean.
#pragma once

#include "fhir/rest/writing.hpp"

#include <optional>
#include <string>

namespace rest {

// The id of the one resource that meets the criteria and that the caller may know of; nothing when there is none. Asked inside the unit
// of work, so that what is found is what is written. Errors: Kind::precondition_failed when there are several; Kind::invalid for criteria
// that are none, empty ones above all.
base::Result<std::optional<std::string>> one_match(Writing& writing, const std::string& type, const std::string& criteria);

// What a conditional update writes to: the match, else the resource's own id, else a new one. Without a match it makes a resource and takes
// the place of none (Change::only_new). Error: as one_match's, and Kind::invalid when the resource has another id than the match.
struct UpdateTarget {
    std::string id;
    bool only_new = false;
};
base::Result<UpdateTarget> id_to_update(Writing& writing, const std::string& type, const std::string& criteria, const json::Value& resource);

}  // namespace rest
