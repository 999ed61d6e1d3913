// One entry of a transaction: what it asks for, and what came of it.
#pragma once

#include <optional>
#include <string>

#include "fhir/patch/patch.hpp"
#include "fhir/rest/attempt.hpp"
#include "fhir/rest/bundle_entries.hpp"
#include "fhir/rest/bundle_writer.hpp"
#include "fhir/rest/writing.hpp"

namespace rest {

struct Step {
    BundleEntry entry;
    std::string type, id, query;
    bool matched = false;  // If-None-Exist found one, or a conditional delete none: nothing to write
    bool only_new = false;  // a conditional update without a match
    std::optional<patch::Patch> patch;
    Conditions conditions;
    std::uint32_t new_version = 1;
    BundleWriter::Response response;
    std::string body;  // for the answer

    // Of a read: If-None-Match, before If-Modified-Since, says that the caller has this version.
    bool has_it(const store::Version& version) const;
    bool reads() const { return entry.method == "GET" || entry.method == "HEAD"; }
};

// The error with its place in the Bundle, and the entry's number in its text.
base::Error at(const Step& step, base::Error error);
base::Error fault_at(const Step& step, base::Kind kind, std::string diagnostics, std::string issue = {});

// Type, id and conditions from entry.request, and the resource's own rules: all that can be refused before the unit of work begins. The
// error has its place.
base::Result<Step> prepare(BundleEntry entry, const Attempt& attempt, const Services& services);

}  // namespace rest
