// What consent needs to know of a resource, small enough to stand beside it in its envelope and in the search index.
// fhir/search/extract fills it from the resource; decide() reads it. No FHIR types here.
#pragma once

#include "storage/base/bytes.hpp"
#include "storage/base/clock.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace consent {

struct Facts {
    std::string type, id;
    std::vector<std::string> patients;    // logical ids of every Patient in whose compartment it lies
    std::vector<std::string> authors;     // relative references: author, performer, recorder, sender, meta.source's organisation ...
    std::string owner_org;                // "Organization/1": whose system wrote it (the caller's organisation at create), may be empty
    std::vector<std::string> codes;       // "system|code" of the resource's own code elements
    std::vector<std::string> labels;      // "system|code" of meta.security
    std::vector<std::string> profiles;    // meta.profile
    std::vector<std::string> references;  // relative references it makes, without version
    bool has_clinical_time = false;
    base::TimeUs clinical_low = 0, clinical_high = 0;

    std::string encode() const;                                 // for store::NewRecord::facts
    static base::Result<Facts> decode(std::string_view bytes);  // Kind::corrupt
};

}  // namespace consent
