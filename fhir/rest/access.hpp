// Consent at the door of every exit: asks the registry once per patient and the pure decision once per resource.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "fhir/rest/attempt.hpp"
#include "fhir/rest/services.hpp"

namespace rest {

// For one request, at one moment; one thread at a time. A patient's consents are looked up once, so that all exits of a request
// decide by the same state; a new page is a new request and decides anew.
class Access {
  public:
    Access(const Services& services, const Attempt& attempt);

    // Every patient of the resource must permit; a resource of no patient goes by role. Errors of the registry deny and are kept.
    consent::Decision may(consent::Action action, const consent::Facts& facts);
    // The predicate inside a search: decodes the candidate's facts and asks may(). Facts that do not decode deny.
    bool sees(consent::Action action, const store::Candidate& candidate);
    // The narrowing that is sure for this caller: a patient's search need only look at that patient.
    std::optional<std::vector<std::string>> only_patients(const std::string& type) const;
    // Set when the registry failed: the answer is 503, not an empty result. (A stale mirror denies, rule ledger-mirror-stale.)
    const std::optional<base::Error>& failed() const { return failed_; }

  private:
    std::shared_ptr<const consent::Registry::View> view(const std::string& patient);

    const Services& services_;
    const consent::Requester& requester_;
    base::TimeUs now_;
    std::map<std::string, std::shared_ptr<const consent::Registry::View>, std::less<>> views_;
    std::optional<base::Error> failed_;
};

// What the audit event says of a decision: the Consent versions, and the rule's name as urn:kedge:rule:<name>.
std::vector<std::string> policies_of(const consent::Decision& decision);

}  // namespace rest
