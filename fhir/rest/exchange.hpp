// Between an attempt and the wire: rendering, and the audit log's door.
#pragma once

#include "fhir/http/response.hpp"
#include "fhir/rest/attempt.hpp"
#include "fhir/rest/services.hpp"

namespace rest {

// Will render() parse the body and write it anew (XML, _pretty)? That takes its time: not on a thread that others wait for.
bool reshapes(const Attempt& attempt);

// Status, headers and body from the attempt's reply or error. Prefer, _pretty, XML and conditional GET are honoured here. A stored resource
// that XML cannot hold is answered 406; what a write or a bundle did is then told in JSON.
http::Response render(Attempt& attempt, const Services& services);

// 503: the trail cannot take the entry now; nothing of the reply is given.
http::Response audit_unavailable(const Attempt& attempt);

// Goes the event under the tenant's key, though it names a patient? When the patient's audit key was destroyed, and when the patient has none:
// only a record that is written brings keys into being, no id that somebody asks for.
bool sealed_by_tenant(const chain::Submission& entry, store::KeyRing& keys);

// log.append, each event under the key that is right for it.
void append_entries(const Services& services, std::vector<chain::Submission> entries, std::function<void(base::Status)> done);

}  // namespace rest
