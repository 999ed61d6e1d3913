// The span of time that a value covers (R4 search.html#date).
#pragma once

#include "fhir/search/path_expression.hpp"
#include "storage/base/clock.hpp"

#include <optional>

namespace search {

// Of a date, dateTime or instant; of a Period, whose open ends reach to INT64_MIN and INT64_MAX; of a Timing, from its first event or bound
// to the last. Nothing for other types, for a Period without ends, and where a text is no date.
std::optional<base::Period> date_range(const Node& node);

// The smallest span that covers both.
base::Period cover(const base::Period& a, const base::Period& b);

}  // namespace search
