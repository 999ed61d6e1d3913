#include "fhir/rest/writing.hpp"

#include <algorithm>

#include "fhir/auth/scope.hpp"
#include "fhir/codec/references.hpp"
#include "fhir/codec/resource.hpp"
#include "fhir/codec/subset.hpp"
#include "fhir/http/query.hpp"
#include "fhir/rest/consent_rules.hpp"
#include "fhir/rest/ledger_extension.hpp"
#include "fhir/rest/reading.hpp"
#include "fhir/search/extract.hpp"
#include "fhir/search/parse_query.hpp"
#include "storage/base/encoding.hpp"

namespace rest {
namespace {

using base::Kind;

// R4 http.html#trules allows criteria in place of a reference "in a transaction (and only in a transaction)", which has resolved them by
// now. Kept as they are they would lead nowhere: the resource would be in no patient's compartment, and out of the patient's sight.
base::Status check_references(const json::Value& resource) {
    if (resource.text("resourceType") == "Bundle") return {};  // a stored one keeps what its entries say
    base::Status out;
    codec::visit_references(resource, [&](const std::string& text) {
        if (!out || codec::parse_reference(text, {}).form != codec::Reference::Form::conditional) return;
        out = base::fail(Kind::unprocessable, "the reference " + std::string(base::utf8_prefix(text, 200)) + " is a search; criteria stand for a reference in a transaction only",
                         {std::string(resource.text("resourceType"))}, "value");
    });
    return out;
}

base::TimeUs after(base::TimeUs now, base::TimeUs previous) {
    // Last-Modified never goes back within one record, whatever the clock does.
    return now > previous ? now : previous + 1;
}

}  // namespace

base::Status Writing::decide(consent::Action action, const consent::Facts& facts, const std::string& reference) {
    const auto decision = access_.may(action, facts);
    const char letter = action == consent::Action::create ? 'C' : action == consent::Action::remove ? 'D' : 'U';
    const auto record = [&](const std::string& patient) {
        auto& part = attempt_.trail.part(patient, letter);
        for (auto& policy : policies_of(decision)) {
            if (std::find(part.policies.begin(), part.policies.end(), policy) == part.policies.end()) part.policies.push_back(std::move(policy));
        }
        asked_.emplace(patient, letter);
    };
    if (facts.patients.empty()) record("");
    for (const auto& patient : facts.patients) record(patient);
    if (decision.permits()) return {};
    if (access_.failed()) return base::fail(Kind::unavailable, "the consent state cannot be read now; try again");
    return base::fail(Kind::forbidden, "you may not write " + reference + " (rule: " + decision.rule + ")");
}

void Writing::note_written(const consent::Facts& facts, const store::Version& version) {
    attempt_.written.push_back(proof::Written{services_.store.record_id(facts.type, facts.id), version.seq, version.version, version.deleted, version.ciphertext_hash});
}

// Asked after consent: who may not write a resource learns nothing of its version. A delete mark has one too, so that a resource can be
// brought back to life with If-Match (R4 http.html#concurrency).
base::Status Writing::meet_conditions(const Change& change, const std::optional<store::Record>& before) {
    const auto& [if_match, if_none_match] = change.conditions;
    const auto failed = [&](const char* how, Kind kind = Kind::precondition_failed) {
        return base::fail(kind, how + change.type + "/" + change.id, {}, "conflict");
    };
    const bool live = before && !before->version.deleted;
    const auto names = [&](const http::EntityTags& tags) { return before && tags.match(std::to_string(before->version.version)); };
    if (if_match && !(if_match->any ? live : names(*if_match))) return failed("If-Match does not name the current version of ");
    if (if_none_match && (if_none_match->any ? live : names(*if_none_match))) return failed("If-None-Match names the current version of ");
    if (change.only_new && live) return failed("the criteria match nothing, and the resource's id belongs to one that they do not mean: ", Kind::conflict);
    return {};
}

// A patch reads before it writes (a JSON Patch's test asks what stands there), so only who may read may patch, and what is hidden cannot be
// told from what is absent.
base::Status Writing::may_patch(const Change& change, const std::optional<store::Record>& before) {
    if (!before) return tl::unexpected(not_found(change.type, change.id));
    const auto facts = consent::Facts::decode(before->facts);
    if (!facts) return base::pass(facts);
    const auto reference = change.type + "/" + change.id;
    const bool visible = access_.may(consent::Action::read, *facts).permits();
    auto allowed = decide(consent::Action::update, *facts, reference);
    if (!visible) {
        if (access_.failed()) return base::fail(Kind::unavailable, "the consent state cannot be read now; try again");
        return tl::unexpected(not_found(change.type, change.id));
    }
    if (before->version.deleted) return base::fail(Kind::gone, reference + " was deleted");
    return allowed;
}

// What failed names what it was for, what succeeded the version that it made or found; a delete names no version (BALP). Every patient about whom
// consent was asked is told, also one whom the new version no longer belongs to.
void Writing::name_in_trail(const Change& change, const base::Result<Changed>& outcome) {
    const auto reference = change.type + "/" + change.id;
    const bool versioned = outcome && change.kind != Change::Kind::remove;
    const auto name = versioned ? reference + "/_history/" + std::to_string(outcome->version) : reference;
    for (const auto& [patient, letter] : asked_) attempt_.trail.note(patient, letter, name);
}

base::Result<Changed> Writing::apply(Change change) {
    if (!has_endpoint(change.type)) return tl::unexpected(no_endpoint(change.type));  // an entry of a transaction: it has no route
    auto before = unit_.current(change.type, change.id);
    if (change.kind != Change::Kind::create && change.kind != Change::Kind::update) before = or_absent(std::move(before));
    if (!before) return base::pass(before);
    asked_.clear();
    auto out = write(change, *before);
    name_in_trail(change, out);
    return out;
}

base::Result<Changed> Writing::write(const Change& change, const std::optional<store::Record>& before) {
    if (change.kind == Change::Kind::patch) {
        if (auto may = may_patch(change, before); !may) return base::pass(may);
    }
    if (change.kind != Change::Kind::remove) return put(change, before);
    if (before) return remove(change, *before);
    if (auto met = meet_conditions(change, before); !met) return base::pass(met);
    return tl::unexpected(not_found(change.type, change.id));
}

base::Result<json::Value> Writing::edited(const Change& change, const store::Record& before) {
    const auto body = served_body(services_, before);
    if (!body) return base::pass(body);
    const auto current = json::parse(*body);
    if (!current) return base::fail(Kind::corrupt, "a stored resource does not parse");
    return change.edit(*current);
}

bool Writing::may_read(const consent::Facts& facts) {
    return auth::scope_allows(*attempt_.caller, facts.type, consent::Action::read) && access_.may(consent::Action::read, facts).permits();
}

base::Result<Changed> Writing::put(const Change& change, const std::optional<store::Record>& before) {
    const auto reference = change.type + "/" + change.id;
    const auto live = before && !before->version.deleted;
    std::string owner = attempt_.caller->requester.organization;
    consent::Facts old;
    if (before) {
        auto facts = consent::Facts::decode(before->facts);
        if (!facts) return base::pass(facts);
        old = std::move(*facts);
        owner = old.owner_org;
        if (auto allowed = decide(consent::Action::update, old, reference); !allowed) return base::pass(allowed);
    }
    if (auto met = meet_conditions(change, before); !met) return base::pass(met);
    auto made = change.kind == Change::Kind::patch ? edited(change, *before) : base::Result<json::Value>(change.resource);
    if (!made) return base::pass(made);
    auto& resource = *made;
    strip_ledger_extension(resource);
    resource.if_object()->set("id", change.id);
    if (auto whole = check_references(resource); !whole) return base::pass(whole);
    if (live) {
        const auto stored = json::parse(before->body);
        if (!stored) return base::fail(Kind::corrupt, "a stored resource does not parse");
        if (codec::is_subset(resource) && !codec::is_subset(*stored)) {  // R4 search.html#summary: what the tag is for
            return base::fail(Kind::unprocessable, "this is a shortened " + change.type + " (meta.tag SUBSETTED), which would take the place of the whole one; read it without _summary and _elements",
                              {change.type + ".meta.tag"}, "business-rule");
        }
        if (!change.even_if_same && codec::same_content(*stored, resource)) {
            return Changed{change.type, change.id, before->version.version, before->version.updated_us, false, true, before->body, may_read(old)};
        }
    }
    store::NewRecord record;
    record.type = change.type;
    record.id = change.id;
    record.version = before ? before->version.version + 1 : 1;
    record.updated_us = after(services_.clock.now_us(), before ? before->version.updated_us : 0);
    record.id_given = change.kind != Change::Kind::create;
    record.revived = before && !live;
    codec::set_meta(resource, record.version, record.updated_us);
    auto extracted = search::extract(resource, {services_.settings.base_url, owner});
    if (!extracted) return base::pass(extracted);
    const auto action = before ? consent::Action::update : consent::Action::create;
    if (auto allowed = decide(action, extracted->facts, reference); !allowed) return base::pass(allowed);
    if (auto lawful = check_consent_write(attempt_, live ? &before->body : nullptr, resource); !lawful) return base::pass(lawful);
    record.patient = extracted->patient;
    record.patients = extracted->patients;
    record.facts = extracted->facts.encode();
    record.index = std::move(extracted->index);
    record.body = json::write(resource);
    auto version = unit_.put(record);
    if (!version) return base::pass(version);
    if (auto told = tell_registry(change, live ? before : std::nullopt, version->version, record.body); !told) return base::pass(told);
    if (is_definition(change.type)) definitions_.push_back(Knowledge::change_of(change.type, change.id, *version, extracted->facts, resource, record.body));
    note_written(extracted->facts, *version);
    return Changed{change.type, change.id, version->version, version->updated_us, !live, false, std::move(record.body), may_read(extracted->facts)};
}

base::Result<Changed> Writing::remove(const Change& change, const store::Record& before) {
    const auto reference = change.type + "/" + change.id;
    const auto facts = consent::Facts::decode(before.facts);
    if (!facts) return base::pass(facts);
    const bool visible = access_.may(consent::Action::read, *facts).permits();
    if (auto allowed = decide(consent::Action::remove, *facts, reference); !allowed) {
        // Who may not know of it is told what an absent id is told; the trail says what happened.
        if (!visible && allowed.error().kind == Kind::forbidden) return tl::unexpected(not_found(change.type, change.id));
        return base::pass(allowed);
    }
    if (auto met = meet_conditions(change, before); !met) return base::pass(met);
    if (before.version.deleted) return Changed{change.type, change.id, before.version.version, before.version.updated_us, false, true, {}, false};
    if (auto lawful = check_consent_write(attempt_, &before.body, json::Value()); !lawful) return base::pass(lawful);
    store::NewRecord mark;
    mark.type = change.type;
    mark.id = change.id;
    mark.patient = before.patient;
    mark.patients = facts->patients;
    mark.facts = before.facts;
    mark.version = before.version.version + 1;
    mark.updated_us = after(services_.clock.now_us(), before.version.updated_us);
    mark.deleted = true;
    auto version = unit_.put(mark);
    if (!version) return base::pass(version);
    if (auto told = tell_registry(change, before, version->version, {}); !told) return base::pass(told);
    if (is_definition(change.type)) definitions_.push_back(Knowledge::change_of(change.type, change.id, *version, *facts, {}, {}));
    note_written(*facts, *version);
    return Changed{change.type, change.id, version->version, version->updated_us, false, false, {}, false};
}

base::Status Writing::tell_registry(const Change& change, const std::optional<store::Record>& before, std::uint32_t version, std::string_view stored) {
    if (change.type != "Consent") return {};
    std::optional<json::Value> old, now;
    if (before) {
        auto parsed = json::parse(before->body);
        if (!parsed) return base::fail(Kind::corrupt, "a stored Consent does not parse");
        old = std::move(*parsed);
    }
    if (!stored.empty()) {
        auto parsed = json::parse(stored);
        if (!parsed) return base::pass(parsed);
        now = std::move(*parsed);
    }
    const auto patient = patient_of_consent(now ? *now : *old);
    consents_.emplace_back(change.id, patient);
    return services_.registry.on_write(unit_, old ? &*old : nullptr, now ? &*now : nullptr, change.id, version, base::as_bytes(stored));
}

base::Result<std::vector<std::string>> Writing::matches(const std::string& type, std::string_view criteria) {
    // Criteria are a search, whatever they stand in: a token that may only write learns nothing by them.
    if (!auth::scope_allows(*attempt_.caller, type, consent::Action::search)) {
        return base::fail(Kind::forbidden, "the token's scopes do not cover search on " + type + ", which criteria are");
    }
    auto pairs = http::parse_query(criteria);
    if (!pairs) return base::pass(pairs);
    search::QueryContext context;
    context.type = type;
    context.base_url = services_.settings.base_url;
    context.for_condition = true;
    context.now_us = attempt_.started_us;
    auto request = search::parse_query(*pairs, context);
    if (!request) return base::pass(request);
    request->query.limit = 2;
    auto hits = unit_.search(request->query, [&](const store::Candidate& c) { return access_.sees(consent::Action::search, c); });
    if (!hits) return base::pass(hits);
    std::vector<std::string> out;
    for (auto& hit : hits->rows) out.push_back(std::move(hit.id));
    return out;
}

}  // namespace rest
