// One request on its way: what was asked, by whom, what came of it, and what the audit trail has to say of it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "anchoring/chain/audit_log.hpp"
#include "fhir/auth/caller.hpp"
#include "fhir/auth/refusal.hpp"
#include "fhir/http/prefer.hpp"
#include "fhir/http/request.hpp"
#include "fhir/rest/route.hpp"
#include "fhir/validate/issue.hpp"
#include "storage/base/clock.hpp"
#include "storage/store/store.hpp"

namespace rest {

// What an audit event says of one patient (empty id: of resources that belong to none).
struct TrailPart {
    std::string patient;
    char action = 'R';                  // C R U D E, as BALP says for the interaction
    std::vector<std::string> entities;  // relative references, versioned but for deletes
    std::vector<std::string> policies;  // the Consent versions and rules that allowed or refused it
};

// Collected while the interaction runs; audit_event.cpp turns each part into one AuditEvent.
class Trail {
  public:
    // Adds to the part of this patient and action, making it when absent.
    TrailPart& part(std::string_view patient, char action);
    void note(std::string_view patient, char action, std::string entity);
    const std::vector<TrailPart>& parts() const { return parts_; }

  private:
    std::vector<TrailPart> parts_;
};

// A reply before it is rendered: canonical JSON and the facts its headers are made of.
struct Reply {
    int status = 200;
    std::string body;                          // JSON text; empty for none
    std::string content_type;                  // empty: application/fhir+json
    std::optional<std::uint32_t> version;      // ETag
    std::optional<base::TimeUs> updated_us;    // Last-Modified
    std::string location;
};

// How a resource is written on the wire; inside the server it is JSON.
enum class Format : std::uint8_t { json, xml };

struct Attempt {
    Attempt(http::Request r, base::TimeUs now) : request(std::move(r)), started_us(now) {}

    http::Request request;
    base::TimeUs started_us;
    Action action;
    std::string allow;                         // for 405
    http::Prefer prefer;
    bool pretty = false;
    std::string format;                        // _format as it was given, for the links to further pages; empty for none
    Format answer_format = Format::json, body_format = Format::json;
    std::shared_ptr<const auth::Caller> caller;
    bool entry_of_bundle = false;              // then body and answer are JSON: the bundle around them is converted as one

    store::AuditDuty duty;
    std::optional<base::Error> error;          // refused or failed: rendered in place of the reply
    std::vector<base::Error> more_errors;      // further issues of the same refusal
    validate::Issues issues;                   // what validation said of the resource to be written; with `error` they are its outcome
    Reply reply;
    Trail trail;
    std::vector<std::string> searched;         // queries that the request's own URL does not say: of a page's link, of a transaction's entries
    std::string subtype;                       // finer than the route's: "batch", an operation's name
    std::vector<proof::Written> written;       // what the unit of work stored, for the write-set entry
    std::vector<chain::Submission> journaled;  // built inside the unit of work and kept in the store's journal

    std::string www_authenticate;              // with 401

    bool lenient() const { return prefer.handling == http::Prefer::Handling::lenient; }
    void refuse(base::Error e) { error = std::move(e); }
    void stranger(auth::Refusal refusal) {
        www_authenticate = std::move(refusal.www_authenticate);
        error = std::move(refusal.error);
    }
};
using AttemptPtr = std::shared_ptr<Attempt>;
using Then = std::function<void(AttemptPtr)>;

}  // namespace rest
