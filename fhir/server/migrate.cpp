#include "fhir/server/migrate.hpp"

#include <chrono>
#include <future>
#include <thread>

#include "fhir/server/instance.hpp"
#include "fhir/server/operator_ledger.hpp"
#include "fhir/server/say.hpp"
#include "storage/base/json.hpp"

namespace server {
namespace {

struct Moved {
    std::size_t granted = 0, looked_at = 0;
};

constexpr std::size_t kPage = 200;

base::Status move_one(Instance& i, store::Unit& unit, const std::string& id, Moved& moved) {
    const auto record = unit.current("Consent", id);
    // An erased patient's Consent has no key to sign with, and gives nobody access.
    if (!record && record.error().kind == base::Kind::gone) return {};
    if (!record) return base::pass(record);
    ++moved.looked_at;
    if (!*record || (*record)->version.deleted) return {};
    const auto tree = json::parse((*record)->body);
    if (!tree) return base::pass(tree);
    const auto granted = i.registry->grant_again(unit, *tree, id, (*record)->version.version, base::as_bytes((*record)->body));
    if (!granted) return base::fail(granted.error().kind, "Consent/" + id + ": " + granted.error().diagnostics);
    if (*granted) ++moved.granted;
    return {};
}

// A page of Consents in one unit of work, newest first; gives where the next page begins, 0 when there is none.
base::Result<std::uint64_t> move_page(Instance& i, std::uint64_t before, Moved& moved) {
    auto duty = std::make_shared<store::AuditDuty>(store::AuditDuty::exempt("moving to another ledger"));
    auto finished = std::make_shared<std::promise<base::Status>>();
    auto result = finished->get_future();
    std::uint64_t next = 0;
    i.store->submit(
        *duty,
        [&](store::Unit& unit) -> base::Status {
            store::Query query;
            query.type = "Consent";
            query.before_seq = before;
            query.limit = kPage;
            const auto hits = unit.search(query, [](const store::Candidate&) { return true; });
            if (!hits) return base::pass(hits);
            for (const auto& hit : hits->rows) {
                if (auto done = move_one(i, unit, hit.id, moved); !done) return done;
                next = hits->more ? hit.seq : 0;
            }
            return {};
        },
        [finished, duty](base::Status status) { finished->set_value(std::move(status)); });
    if (auto status = result.get(); !status) return base::pass(status);
    return next;
}

// Until nothing waits and the mirror shows final blocks: from then on the server decides as before.
base::Status wait_until_final(Instance& i, int wait_s) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(wait_s);
    for (std::string told;;) {
        if (auto passed = i.outbox->pass(); !passed) say("the ledger: " + passed.error().diagnostics);
        if (auto refreshed = i.anchorer->refresh(); !refreshed) say("the anchor: " + refreshed.error().diagnostics);
        const auto open = i.outbox->open_count();
        if (!open) return base::pass(open);
        if (*open == 0) return {};
        if (std::chrono::steady_clock::now() > deadline) {
            return base::fail(base::Kind::unavailable, std::to_string(*open) + " transactions are not final yet; nothing is lost: start the server, it goes on by itself");
        }
        const auto line = std::to_string(*open) + " transactions are not final yet";
        if (line != told) say(told = line);
        std::this_thread::sleep_for(std::chrono::milliseconds(500));
    }
}

}  // namespace

int migrate(const Config& config, int wait_s) {
    auto options = instance_options(config);
    if (!options) return say_error(options.error(), 2);
    options->offline = true;
    options->moving = true;
    auto opened = Instance::open(*options);
    if (!opened) return say_error(opened.error());
    auto& i = **opened;
    if (const auto pause = i.outbox->paused())
        return say_error({base::Kind::conflict, outbox::to_text(*pause, true) + ": nothing was moved; end the pause first, with `kedge ledger resume`", {}, {}});
    Moved moved;
    for (std::uint64_t before = UINT64_MAX; before != 0;) {
        const auto next = move_page(i, before, moved);
        if (!next) return say_error(next.error());
        before = *next;
    }
    say(std::to_string(moved.granted) + " of " + std::to_string(moved.looked_at) + " Consents are granted anew on chain id " + std::to_string(i.ledger->chain_id()));
    if (auto anchored = i.anchorer->anchor_now(); !anchored) return say_error(anchored.error());
    const auto final_now = wait_until_final(i, wait_s);
    if (auto caught_up = i.registry->catch_up(); !caught_up) return say_error(caught_up.error());
    const auto drained = i.drain();
    if (!final_now) return say_error(final_now.error());
    if (!drained) return say_error(drained.error());
    say("all of it is final; anchors on the ledger used before stay provable with what `kedge ledger export` gave there");
    return 0;
}

}  // namespace server
