#include "fhir/rest/attempt.hpp"

#include <algorithm>

namespace rest {

TrailPart& Trail::part(std::string_view patient, char action) {
    const auto found = std::find_if(parts_.begin(), parts_.end(), [&](const TrailPart& p) { return p.action == action && p.patient == patient; });
    if (found != parts_.end()) return *found;
    parts_.push_back(TrailPart{std::string(patient), action, {}, {}});
    return parts_.back();
}

void Trail::note(std::string_view patient, char action, std::string entity) {
    part(patient, action).entities.push_back(std::move(entity));
}

}  // namespace rest
