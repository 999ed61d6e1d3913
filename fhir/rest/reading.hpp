// What read, vread, history and search share: hidden cannot be told from absent, and what is shown is noted for the audit trail.
#pragma once

#include "fhir/rest/access.hpp"

namespace rest {

// The one answer for "there is none" and "you may not know of it": hidden cannot be told from absent.
base::Error not_found(std::string_view type, std::string_view id);

// A destroyed key leaves nothing that consent could be asked about: what it sealed is as absent. For what the store says is Kind::gone.
base::Result<std::optional<store::Record>> or_absent(base::Result<std::optional<store::Record>> record);

// Asks consent, notes the trail (also of a refusal: then with the patients, so that they can see who tried), and gives the body
// ready to serve. Errors: not_found() when denied, Kind::unavailable when the consent state is.
base::Result<std::string> disclose(Attempt& attempt, const Services& services, Access& access, consent::Action action, const store::Record& record);

// The served form: canonical stored bytes; a Consent also carries its ledger state as an extension.
base::Result<std::string> served_body(const Services& services, const store::Record& record);

std::string version_reference(const store::Record& record);  // Patient/1/_history/2

}  // namespace rest
