// From the decoded parameters of a search to what the store can answer (R4 search.html). Only what search::supported_parameters lists is
// taken: a parameter that is not understood is an error unless the client asked for lenient handling, and a modifier always is.
#pragma once

#include "storage/base/clock.hpp"
#include "storage/store/query.hpp"

#include <string>
#include <utility>
#include <vector>

namespace search {

using Pairs = std::vector<std::pair<std::string, std::string>>;

struct QueryLimits {
    std::size_t parameters = 40;     // name=value pairs
    std::size_t values = 200;        // comma-separated values of one parameter
    std::size_t value_bytes = 8192;  // of one parameter
    std::size_t default_count = 50;
    std::size_t max_count = 500;  // a larger _count is cut to this, and the self link shows it (R4: a server may return fewer)
};

enum class Handling { strict, lenient };  // Prefer: handling=...; strict where the client says nothing
enum class Total { none, estimate, accurate };

struct QueryContext {
    std::string type;      // empty: all types
    std::string base_url;  // without trailing slash
    Handling handling = Handling::strict;
    // A condition (If-None-Exist, conditional update or delete, conditional reference): an unknown or empty criterion, a result parameter
    // and a condition without criteria are errors, whatever `handling` says. Ignoring one would match what was not meant.
    bool for_condition = false;
    base::TimeUs now_us = 0;  // for the prefix ap
    QueryLimits limits;
};

struct SearchRequest {
    store::Query query;                // type, criteria, limit (count), count_total and only_patients are set
    Pairs used;                        // for the self link: what was taken into account, in the client's order, _count as it applies
    std::vector<std::string> ignored;  // names that lenient handling passed over
    Total total = Total::none;
    std::size_t count = 0;  // of a page; 0: only the total is asked for (_count=0, _summary=count)
    bool summary_count = false;
    std::string format;  // _format as written
    bool pretty = false;
};

// How criteria mean: token equals | any_system (code) | no_system (|code) | any_code (system|); reference equals (system = type, value =
// id; an absolute URL has an empty system), any_system for a bare id. _id is a token with equals. _lastUpdated is a moment t against [low,
// high) of the given value: equals low <= t < high, not_equals its opposite, less t < low, less_or_equal t < high, greater t >= high,
// greater_or_equal t >= low, overlaps as equals with the widened range of `ap`. (sa and eb of a moment are gt and lt.)
//
// _summary and _elements are taken and go into the self link; fhir/rest/summary shortens the resources.
// _sort=-_lastUpdated is taken, as the store's order is newest first; other orders are not.
// Errors: Kind::invalid with the parameter's name in `expression`; issue not-supported for valid FHIR that is not built here;
// Kind::too_large names the limit that was met.
base::Result<SearchRequest> parse_query(const Pairs& pairs, const QueryContext& context);

// _count (R4 search.html#count) where something else than records is searched: a whole number from 0, and at most `most`.
// Error: Kind::invalid.
base::Result<std::size_t> page_size(const std::string& value, std::size_t most);

}  // namespace search
