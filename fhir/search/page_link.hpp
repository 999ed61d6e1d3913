// The state of a paged search inside its links: sealed, so that a client can neither read nor change it, and bound to whoever searched.
#pragma once

#include "storage/base/clock.hpp"
#include "storage/crypto/secret.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace search {

struct PageState {
    std::string path;               // the route that it continues: "Patient", "Patient/1/_history"; the caller compares it
    std::string query;              // the normalised query string (SearchRequest::used)
    std::uint64_t before_seq = 0;   // where the next page starts
    std::uint64_t at_most_seq = 0;  // the first page's snapshot
    base::TimeUs expires_us = 0;

    bool operator==(const PageState&) const = default;
};

// base64url, safe in a URL. `requester` is any stable text for who asks (subject, organisation, purposes). Error: Kind::fault when sealing
// fails.
base::Result<std::string> seal_page(const PageState& state, const crypto::Key& key, std::string_view requester);

// Errors: Kind::invalid when it was not made by this server, was changed, or belongs to another requester (which one is not said);
// Kind::gone after expires_us.
base::Result<PageState> open_page(std::string_view token, const crypto::Key& key, std::string_view requester, base::TimeUs now);

}  // namespace search
