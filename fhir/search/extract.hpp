// What the store and consent need to know of a resource, taken out of it when it is written (and again by `kedge reindex`).
#pragma once

#include "consent/decide/facts.hpp"
#include "storage/base/json.hpp"
#include "storage/store/record.hpp"

#include <string>
#include <vector>

namespace search {

struct ExtractContext {
    std::string base_url;   // without trailing slash: absolute references to it are local
    std::string owner_org;  // into facts.owner_org: the organisation of whoever creates it, may be empty
};

struct Extraction {
    std::string patient;  // whose key seals it: the one patient of its compartments, a Patient's own id; empty for none or several
    std::vector<std::string> patients;  // logical ids, by compartments.hpp (a Patient: its own id, then those it links to)
    consent::Facts facts;
    std::vector<store::IndexEntry> index;
};

// The resource must carry its final id. Thread-safe. Errors: Kind::invalid without a known resourceType or without an id.
base::Result<Extraction> extract(const json::Value& resource, const ExtractContext& context);

}  // namespace search
