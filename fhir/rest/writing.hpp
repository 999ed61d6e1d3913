// What create, update, delete and transaction share: one change inside a unit of work, with its consent decision, its audit note,
// its ledger call and its place in the write-set. All or nothing is the unit's.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "fhir/http/etag.hpp"
#include "fhir/rest/access.hpp"
#include "fhir/rest/knowledge.hpp"

namespace rest {

// RFC 9110 section 13.1: what must hold of the version that is current inside the unit of work.
struct Conditions {
    std::optional<http::EntityTags> if_match, if_none_match;
};

struct Change {
    enum class Kind : std::uint8_t { create, update, patch, remove } kind = Kind::create;
    std::string type, id;  // id is made by the caller of apply for a create
    json::Value resource;  // null for patch and remove
    Conditions conditions;
    bool only_new = false;      // a conditional update without a match: takes the place of no other resource
    bool even_if_same = false;  // the same content again makes a version all the same
    // Of a patch: makes the resource from the version that is current in this unit of work, as the caller would have read it.
    using Edit = std::function<base::Result<json::Value>(const json::Value& current)>;
    Edit edit = {};
};

struct Changed {
    std::string type, id;
    std::uint32_t version = 0;
    base::TimeUs updated_us = 0;
    bool created = false;    // 201
    bool unchanged = false;  // the same content again: no new version
    std::string body;        // as stored, for the echo; empty for remove
    bool may_read = false;   // the echo is a read too, and asks consent as one
};

class Writing {
  public:
    Writing(store::Unit& unit, Attempt& attempt, const Services& services) : unit_(unit), attempt_(attempt), services_(services), access_(services, attempt) {}

    // Errors: Kind::invalid (with the place), Kind::forbidden, Kind::not_found (patch or remove of what is absent or hidden),
    // Kind::precondition_failed (If-Match, If-None-Match), Kind::conflict (only_new), Kind::unprocessable (a conditional
    // reference that nobody resolved), Kind::gone (the patient was erased; patch of what was deleted), those of the edit, and what the
    // registry refuses.
    base::Result<Changed> apply(Change change);

    // If-None-Exist and conditional references: the ids of `type` that meet `criteria` and that the caller may know of; at most two. Error:
    // Kind::forbidden when the token's scopes do not cover search, and what criteria can be wrong in.
    base::Result<std::vector<std::string>> matches(const std::string& type, std::string_view criteria);

    store::Unit& unit() { return unit_; }
    Access& access() { return access_; }
    // Consents that changed, for Registry::on_committed: (Consent id, patient).
    const std::vector<std::pair<std::string, std::string>>& consents() const { return consents_; }

    // Definitions that changed, for Knowledge::apply.
    const std::vector<Knowledge::Change>& definitions() const { return definitions_; }

  private:
    base::Status meet_conditions(const Change& change, const std::optional<store::Record>& before);
    base::Status may_patch(const Change& change, const std::optional<store::Record>& before);
    void name_in_trail(const Change& change, const base::Result<Changed>& outcome);
    base::Result<Changed> write(const Change& change, const std::optional<store::Record>& before);
    base::Result<json::Value> edited(const Change& change, const store::Record& before);
    base::Result<Changed> put(const Change& change, const std::optional<store::Record>& before);
    base::Result<Changed> remove(const Change& change, const store::Record& before);
    bool may_read(const consent::Facts& facts);
    base::Status decide(consent::Action action, const consent::Facts& facts, const std::string& reference);
    base::Status tell_registry(const Change& change, const std::optional<store::Record>& before, std::uint32_t version, std::string_view stored);
    void note_written(const consent::Facts& facts, const store::Version& version);

    store::Unit& unit_;
    Attempt& attempt_;
    const Services& services_;
    Access access_;
    std::set<std::pair<std::string, char>> asked_;  // parts of the trail (patient, action) that the change under way belongs to
    std::vector<std::pair<std::string, std::string>> consents_;
    std::vector<Knowledge::Change> definitions_;
};

// JSON or XML, as the attempt's body_format says: the one door through which a client's resource comes in.
base::Result<json::Value> parse_body(const Attempt& attempt, const Services& services, std::string_view text);

// Parses and checks the body of a create or update: JSON or XML as the attempt's body_format says, resourceType, R4's JSON rules. All issues are kept in the attempt.
base::Result<json::Value> parse_resource(Attempt& attempt, const Services& services, std::string_view text, const std::string& type);

// Runs `work` in a unit of work, journals the audit entries with it, tells the registry once it is durable, then calls `then`.
// When the unit fails its error stands in the attempt and nothing was written.
void write_unit(AttemptPtr attempt, const Services& services, const Then& then, std::function<base::Status(Writing&)> work);

// The reply to one change outside a bundle.
void reply_to(Attempt& attempt, const Services& services, const Changed& changed);

// The request's If-Match and If-None-Match. Error: Kind::invalid, also for one that is there and says nothing.
base::Result<Conditions> conditions_of(const Attempt& attempt);

// "http://server/fhir/Patient/1/_history/2"
std::string location_of(const Services& services, const Changed& changed);

}  // namespace rest
