// The entries of a batch or transaction, parsed (R4 bundle.html, http.html#transaction).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fhir/rest/services.hpp"
#include "storage/base/clock.hpp"
#include "storage/base/json.hpp"

namespace rest {

struct BundleEntry {
    std::size_t index = 0;
    std::string full_url;
    std::string method, url;  // as in entry.request; the URL is relative to the base, without a slash in front
    std::string if_none_exist, if_match, if_none_match;
    std::optional<base::TimeUs> if_modified_since;
    json::Value resource;     // null when the entry has none
};

// Takes the bundle apart. Errors: Kind::invalid with Bundle.entry[n] as the place; Kind::too_large beyond Settings::bundle_entries;
// Kind::not_supported for a nested batch or transaction.
base::Result<std::vector<BundleEntry>> bundle_entries(json::Value bundle, const Settings& settings);

}  // namespace rest
