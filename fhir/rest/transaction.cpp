#include "fhir/rest/transaction.hpp"

#include <array>
#include <set>
#include <span>

#include "fhir/codec/links.hpp"
#include "fhir/codec/references.hpp"
#include "fhir/rest/conditional.hpp"
#include "fhir/rest/conditional_links.hpp"
#include "fhir/rest/interactions.hpp"
#include "fhir/rest/outcome.hpp"
#include "fhir/rest/patching.hpp"
#include "fhir/rest/reading.hpp"
#include "fhir/rest/searching.hpp"
#include "fhir/rest/transaction_step.hpp"
#include "storage/crypto/random.hpp"

namespace rest {
namespace {

using base::Kind;

constexpr std::array<std::string_view, 1> kDelete{"DELETE"}, kPatch{"PATCH"};
constexpr std::array<std::string_view, 2> kRead{"GET", "HEAD"};
// A resource whose conditional reference means another entry's waits for that entry, which may wait in its turn. Entries in the order of
// their references need one round.
constexpr int kRounds = 16;

class Transaction {
  public:
    Transaction(Writing& writing, Attempt& attempt, const Services& services, std::vector<Step>& steps)
        : writing_(writing), attempt_(attempt), services_(services), steps_(steps), conditional_(writing, services) {}

    // R4's order. Which resources PUT, PATCH and DELETE mean is asked before anything changes, what If-None-Exist finds when the deleted
    // is gone, and what conditional references find when all is written.
    base::Status run() {
        if (auto done = identify(); !done) return done;
        if (auto done = perform(kDelete); !done) return done;
        if (auto done = identify_created(); !done) return done;
        note_links_to_versions();
        if (auto done = put_all(); !done) return done;
        if (auto done = perform(kPatch); !done) return done;
        if (auto done = conditional_.confirm(); !done) return done;
        if (auto done = perform(kRead); !done) return done;
        answer();
        return {};
    }

  private:
    void answer() {
        BundleWriter bundle("transaction-response", services_.clock.now_us());
        for (auto& step : steps_) {
            BundleWriter::Entry entry;
            const bool shows = step.entry.method == "GET" || attempt_.prefer.returns == http::Prefer::Return::representation;
            if (shows && step.response.status < 300) entry.resource = step.body;
            if (attempt_.prefer.returns == http::Prefer::Return::operation_outcome && !step.reads()) {
                step.response.outcome = informational_outcome(step.response.status == 201 ? "created" : "done");
            }
            entry.response = std::move(step.response);
            bundle.entry(entry);
        }
        attempt_.reply.body = bundle.take();
    }
    base::Status perform(std::span<const std::string_view> methods) {
        for (const auto method : methods) {
            for (auto& step : steps_) {
                if (step.entry.method != method) continue;
                auto done = step.reads() ? get(step) : method == "PATCH" ? patch(step) : erase(step);
                if (!done) return tl::unexpected(at(step, done.error()));
            }
        }
        return {};
    }

    base::Status identify() {
        for (auto& step : steps_) {
            if (step.reads() || step.entry.method == "POST") continue;
            if (step.id.empty()) {
                if (auto done = find_id(step); !done) return in_criteria(step, done.error());
                if (step.matched) continue;
            }
            if (auto done = name(step); !done) return done;
        }
        return {};
    }
    // Of a conditional update, patch or delete.
    base::Status find_id(Step& step) {
        if (step.entry.method == "PUT") {
            // Two of them that find nothing would make two resources of what the criteria say is one.
            if (!updated_.insert(step.type + "?" + step.query).second) return base::fail(Kind::invalid, "two entries of the transaction have the same criteria", {}, "duplicate");
            auto target = id_to_update(writing_, step.type, step.query, step.entry.resource);
            if (!target) return base::pass(target);
            step.id = std::move(target->id);
            step.only_new = target->only_new;
            return {};
        }
        auto match = one_match(writing_, step.type, step.query);
        if (!match) return base::pass(match);
        step.matched = !*match && step.entry.method == "DELETE";
        if (step.matched && step.conditions.if_match) return base::fail(Kind::precondition_failed, "ifMatch is given, and nothing meets the criteria", {}, "conflict");
        if (step.matched) return {};
        if (!*match) return base::fail(Kind::not_found, "no " + step.type + " that you may know of meets the criteria");
        step.id = std::move(**match);
        return {};
    }
    base::Status identify_created() {
        for (auto& step : steps_) {
            if (step.entry.method != "POST") continue;
            if (auto done = condition(step); !done) return in_criteria(step, done.error());
            if (!step.matched) step.id = crypto::random_uuid();
            if (auto done = name(step); !done) return done;
        }
        return {};
    }
    base::Status condition(Step& step) {
        const auto& criteria = step.entry.if_none_exist;
        if (criteria.empty()) return {};
        if (const auto made = created_.find(step.type + "?" + criteria); made != created_.end()) {
            step.matched = true;  // by an earlier entry of this transaction
            step.id = made->second->id;
            return {};
        }
        auto found = writing_.matches(step.type, criteria);
        if (!found) return base::pass(found);
        if (found->size() > 1) return base::fail(Kind::precondition_failed, "ifNoneExist matches more than one " + step.type, {}, "multiple-matches");
        step.matched = found->size() == 1;
        if (step.matched) step.id = found->front();
        else created_.emplace(step.type + "?" + criteria, &step);
        return {};
    }
    // Criteria are no part of the entry's resource, whatever place a search names.
    static base::Status in_criteria(const Step& step, base::Error error) {
        error.expression.clear();
        return tl::unexpected(at(step, std::move(error)));
    }
    // What the entry means has an identity now: no other entry may mean it, and the links to its fullUrl lead there.
    base::Status name(Step& step) {
        auto head = or_absent(writing_.unit().current(step.type, step.id));  // apply() says what a write to an erased one comes to
        if (!head) return base::pass(head);
        if (*head) step.new_version = (*head)->version.version + (step.matched ? 0 : 1);
        if (!step.matched && !seen_.insert(step.type + "/" + step.id).second) {
            return tl::unexpected(fault_at(step, Kind::invalid, "two entries of the transaction name " + step.type + "/" + step.id, "duplicate"));
        }
        if (!step.entry.full_url.empty() && step.entry.method != "DELETE") {
            links_[step.entry.full_url] = codec::NewIdentity{step.type + "/" + step.id, std::to_string(step.new_version)};
        }
        return {};
    }
    // A link to the version that an entry makes must find that version, also when the entry changes nothing.
    void note_links_to_versions() {
        const bool any = std::any_of(steps_.begin(), steps_.end(), [](const Step& s) { return (s.entry.method == "PUT" || s.entry.method == "PATCH") && !s.entry.full_url.empty(); });
        if (!any) return;
        for (const auto& step : steps_) {
            if (!step.entry.resource.is_object()) continue;
            codec::visit_references(std::as_const(step.entry.resource), [&](const std::string& text) {
                if (const auto version = text.find("/_history/"); version != text.npos) versioned_.insert(text.substr(0, version));
            });
        }
    }

    base::Status put_all() {
        std::vector<Step*> waiting;
        for (const std::string_view method : {"POST", "PUT"}) {
            for (auto& step : steps_) {
                if (step.entry.method == method) waiting.push_back(&step);
            }
        }
        for (int round = 0; !waiting.empty(); ++round) {
            std::vector<Step*> still;
            for (auto* step : waiting) {
                auto done = put_when_resolved(*step);
                if (!done) return tl::unexpected(at(*step, done.error()));
                if (!*done) still.push_back(step);
            }
            if (still.size() == waiting.size()) return without_match(*still.front());
            if (round == kRounds && !still.empty()) {
                return tl::unexpected(fault_at(*still.front(), Kind::too_large,
                                               "its conditional reference waits for an entry that stands behind it, and so on through more than " + std::to_string(kRounds) + " entries", "too-costly"));
            }
            waiting = std::move(still);
        }
        return {};
    }
    base::Status without_match(Step& step) {
        auto done = conditional_.resolve_all(step.entry.resource);
        if (done) return tl::unexpected(fault_at(step, Kind::fault, "a conditional reference was found and not found"));
        return tl::unexpected(at(step, done.error()));
    }
    // False when it refers by criteria to what is not there yet.
    base::Result<bool> put_when_resolved(Step& step) {
        if (step.matched) {
            if (auto shown = show_match(step); !shown) return base::pass(shown);
            return true;
        }
        const auto all = conditional_.resolve(step.entry.resource);
        if (!all || !*all) return all;
        codec::rewrite_links(step.entry.resource, links_, step.entry.full_url);
        Change change{step.entry.method == "POST" ? Change::Kind::create : Change::Kind::update, step.type, step.id, std::move(step.entry.resource), {}};
        if (auto done = write(step, std::move(change)); !done) return base::pass(done);
        return true;
    }
    // The links of the other entries may stand in what the patch brought, so they are resolved in the patched resource.
    base::Status patch(Step& step) {
        Change change{Change::Kind::patch, step.type, step.id, {}, {}};
        change.edit = edit_with(attempt_, services_, *step.patch, [this, &step](json::Value& resource) -> base::Status {
            if (auto done = conditional_.resolve_all(resource); !done) return done;
            codec::rewrite_links(resource, links_, step.entry.full_url);
            return {};
        });
        auto done = write(step, std::move(change));
        attempt_.issues.clear();  // those of one resource; the answer is about the whole transaction
        return done;
    }
    base::Status write(Step& step, Change change) {
        change.conditions = step.conditions;
        change.only_new = step.only_new;
        change.even_if_same = versioned_.contains(step.entry.full_url);
        auto changed = writing_.apply(std::move(change));
        if (!changed) return base::pass(changed);
        conditional_.wrote(step.type);
        step.response = {changed->created ? 201 : 200, location_of(services_, *changed), changed->version, changed->updated_us, {}};
        if (changed->may_read) step.body = std::move(changed->body);
        return {};
    }
    base::Status show_match(Step& step) {
        auto record = writing_.unit().current(step.type, step.id);
        if (!record) return base::pass(record);
        if (!*record) return base::fail(Kind::fault, "a matched resource is not there");
        auto body = disclose(attempt_, services_, writing_.access(), consent::Action::read, **record);
        if (!body) return base::pass(body);
        if (scopes_cover(attempt_, step.type, consent::Action::read)) step.body = std::move(*body);
        step.response = {200, services_.settings.base_url + "/" + version_reference(**record), (*record)->version.version, (*record)->version.updated_us, {}};
        return {};
    }
    base::Status erase(Step& step) {
        step.response.status = 204;
        if (step.matched) return {};
        Change change{Change::Kind::remove, step.type, step.id, {}, {}};
        change.conditions = step.conditions;
        auto changed = writing_.apply(std::move(change));
        if (!changed) return base::pass(changed);
        step.response = {204, {}, changed->version, {}, {}};
        return {};
    }
    base::Status get(Step& step) {
        if (step.id.empty()) {
            attempt_.searched.push_back("GET " + step.entry.url);
            const auto parameters = http::parse_query(step.query);
            if (!parameters) return base::pass(parameters);
            auto found = search_page(attempt_, services_, writing_.access(), writing_.unit(), step.type, *parameters, {});
            if (!found) return base::pass(found);
            step.body = std::move(*found);
            step.response.status = 200;
            return {};
        }
        auto record = or_absent(writing_.unit().current(step.type, step.id));
        if (!record) return base::pass(record);
        if (!*record) return tl::unexpected(not_found(step.type, step.id));
        auto body = disclose(attempt_, services_, writing_.access(), consent::Action::read, **record);
        if (!body) return base::pass(body);
        if ((*record)->version.deleted) return base::fail(Kind::gone, step.type + "/" + step.id + " was deleted");
        step.body = std::move(*body);
        step.response = {step.has_it((*record)->version) ? 304 : 200, {}, (*record)->version.version, (*record)->version.updated_us, {}};
        return {};
    }

    Writing& writing_;
    Attempt& attempt_;
    const Services& services_;
    std::vector<Step>& steps_;
    ConditionalLinks conditional_;
    codec::LinkMap links_;
    std::set<std::string> seen_, updated_;         // "Type/id" that an entry means; criteria of conditional updates
    std::map<std::string, const Step*> created_;   // by If-None-Exist's criteria that found nothing
    std::set<std::string, std::less<>> versioned_;  // fullUrls with a link to their version
};

}  // namespace

void run_transaction(AttemptPtr attempt, const Services& services, const Then& then, std::vector<BundleEntry> entries) {
    auto steps = std::make_shared<std::vector<Step>>();
    for (auto& entry : entries) {
        auto step = prepare(std::move(entry), *attempt, services);
        if (!step) return attempt->refuse(step.error()), then(attempt);
        steps->push_back(std::move(*step));
    }
    attempt->subtype = "transaction";
    write_unit(attempt, services, then, [attempt, &services, steps](Writing& writing) { return Transaction(writing, *attempt, services, *steps).run(); });
}

}  // namespace rest
