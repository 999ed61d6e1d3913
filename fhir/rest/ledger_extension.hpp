// The ledger's view of a Consent: as an extension on the resource when it is served, and as Parameters from $ledger-status.
#pragma once

#include "fhir/rest/services.hpp"

namespace rest {

constexpr std::string_view kLedgerExtension = "http://kedge.dev/fhir/StructureDefinition/consent-ledger";

// Canonical JSON of the record's body with the extension set; unchanged when the Consent was never on the ledger.
base::Result<std::string> with_ledger_extension(const Services& services, const store::Record& record);

// Takes the extension off again, so that a client may send back what it got. Not stored, never trusted.
void strip_ledger_extension(json::Value& resource);

}  // namespace rest
