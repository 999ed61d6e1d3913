// Content-Type and Accept (RFC 9110 sections 8.3 and 12.5.1).
#pragma once

#include "storage/base/error.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace http {

struct MediaType {
    std::string type;                                             // lower case; "*" in a range
    std::string subtype;                                          // lower case; "*" in a range
    std::vector<std::pair<std::string, std::string>> parameters;  // names in lower case, values unquoted

    std::string essence() const { return type + "/" + subtype; }
    const std::string* parameter(std::string_view name) const;  // nullptr when absent
};

// One media type or range: application/fhir+json; charset=UTF-8; fhirVersion=4.0. Error: Kind::invalid.
base::Result<MediaType> parse_media_type(std::string_view text);

struct AcceptRange {
    MediaType range;     // without q
    int quality = 1000;  // thousandths: q=0.5 is 500; 0 means "not this"
};

constexpr std::size_t kMaxAcceptRanges = 64;

// Every range of an Accept value. Errors: Kind::invalid on a broken range or q, Kind::too_large beyond kMaxAcceptRanges.
base::Result<std::vector<AcceptRange>> parse_accept(std::string_view text);

// The index in `offered` (essences, the server's own preference first) that the client likes best: highest q, where the
// most specific range that fits an offer counts; ties go to the earlier offer. No ranges at all: the first offer.
// Nothing acceptable: nullopt (406).
std::optional<std::size_t> negotiate(std::span<const AcceptRange> ranges, std::span<const std::string_view> offered);

}  // namespace http
