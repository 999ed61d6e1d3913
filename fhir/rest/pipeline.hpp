// The server in two functions: one tries a request, one accounts for it and only then lets the answer go (README.md).
#pragma once

#include "fhir/http/response.hpp"
#include "fhir/rest/services.hpp"

namespace rest {

// Answers one request. Quick reads run on the calling thread, everything else on a worker or behind the store's writer;
// `respond` is called once, from any thread, when the audit entry is durable.
void handle(http::Request request, const Services& services, http::Respond respond);

// The same for one entry of a batch, whose answer is JSON whatever its headers say: the bundle around it takes the asked form as one.
void handle_entry(http::Request request, const Services& services, http::Respond respond);

}  // namespace rest
