// Who may bring a Consent into which state. A provider asks (proposed), the patient decides (active).
#pragma once

#include "fhir/rest/attempt.hpp"
#include "storage/base/json.hpp"

namespace rest {

// `before`: canonical JSON of the current version or nullptr; `after`: null for a delete. Other types pass. Errors: Kind::forbidden
// when only the patient may do this; Kind::unprocessable when the Consent names no single patient.
base::Status check_consent_write(const Attempt& attempt, const std::string* before, const json::Value& after);

// The logical id of Consent.patient, empty when it names none.
std::string patient_of_consent(const json::Value& consent);

}  // namespace rest
