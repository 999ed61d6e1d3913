#include "consent/registry/follower.hpp"

#include "storage/base/log.hpp"

#include <algorithm>
#include <future>

namespace consent {

using base::Kind;

namespace {

// The position is written down with every event, and at the latest after so many blocks without one.
constexpr std::uint64_t kSaveAfterBlocks = 500;

struct Seen {
    ledger::ConsentEvent event;
    std::uint64_t block = 0;
};

}  // namespace

// What one sync found, before it is written.
struct Follower::Step {
    bool rolled_back = false;
    std::vector<Followed> followed;
    std::vector<Seen> events;
    std::uint64_t finalized = 0, blocks = 0;
    std::vector<store::RecordId> patients;
};

Follower::Follower(store::Store& store, ledger::Ledger& ledger, const base::Clock& clock,
                   std::function<void(const std::vector<store::RecordId>&)> changed)
    : store_(store),
      ledger_(ledger),
      clock_(clock),
      changed_(std::move(changed)),
      identity_(identity(ledger)) {}

base::Bytes Follower::identity(const ledger::Ledger& ledger) {
    return base::Writer().u64(ledger.chain_id()).raw(ledger.contracts().consent_ledger.bytes).take();
}

base::Status Follower::load(store::Database& reader) {
    auto followed = load_followed(reader, identity_);
    if (!followed) return base::pass(followed);
    followed_ = std::move(*followed);
    // Nothing known of this ledger: whatever rows show came from another, and is forgotten with the first step.
    other_ledger_ = followed_.empty();
    return {};
}

base::Result<bool> Follower::still_there(const Followed& block) {
    const auto now = ledger_.block(block.number);
    if (!now) return base::pass(now);
    return *now && (*now)->hash == block.hash;
}

// How many of followed_ still stand. The first of them was final: it must.
base::Result<std::size_t> Follower::unwind() {
    std::size_t standing = followed_.size();
    while (standing > 0) {
        const auto there = still_there(followed_[standing - 1]);
        if (!there) return base::pass(there);
        if (*there) return standing;
        --standing;
    }
    if (followed_.empty()) return 0;
    base::log::error("ALARM: the ledger's final block " + std::to_string(followed_.front().number) +
                     " is not the one that was followed before");
    return base::fail(Kind::corrupt, "the ledger's final history changed: it was replaced, or restored from an older copy");
}

base::Status Follower::read_events(std::uint64_t from, std::uint64_t to, Step& step) {
    const auto logs = ledger_.logs(from, to);
    if (!logs) return base::pass(logs);
    const auto contract = ledger_.contracts().consent_ledger;
    for (const auto& log : *logs) {
        if (log.address != contract) continue;
        auto event = ledger::consent_event(log);
        if (!event) return base::pass(event);
        if (*event) step.events.push_back({std::move(**event), log.block_number});
    }
    return {};
}

base::Status Follower::read_blocks(std::uint64_t from, std::uint64_t head, std::uint64_t finalized, Step& step) {
    for (std::uint64_t at = from; at <= head;) {
        const std::uint64_t to = std::min(head, at + ledger::kMaxLogBlocks - 1);
        // Hashes first: when blocks are exchanged between the two questions, the next sync finds the hash wrong and reads again.
        for (std::uint64_t n = std::max(at, std::min(finalized, to)); n <= to; ++n) {
            const auto block = ledger_.block(n);
            if (!block) return base::pass(block);
            if (!*block) return base::fail(Kind::unavailable, "the ledger's head went back while it was read");
            step.followed.push_back({n, (*block)->hash});
        }
        if (auto done = read_events(at, to, step); !done) return done;
        at = to + 1;
    }
    step.blocks = head + 1 - from;
    return {};
}

base::Status Follower::apply(Step& step) {
    const bool write = step.rolled_back || other_ledger_ || !step.events.empty() || unsaved_ + step.blocks >= kSaveAfterBlocks;
    const bool more_final = !any_final_ || step.finalized > finalized_;
    if (!write && !more_final) return {};
    auto duty = store::AuditDuty::exempt("following the ledger");
    std::promise<base::Status> promise;
    auto done = promise.get_future();
    store_.submit(
        duty,
        [&](store::Unit& unit) -> base::Status {
            auto& database = unit.database();
            const auto note = [&](const std::vector<store::RecordId>& some) {
                step.patients.insert(step.patients.end(), some.begin(), some.end());
            };
            if (step.rolled_back || other_ledger_) {
                const auto above = followed_.empty() ? std::nullopt : std::optional(followed_.back().number);
                const auto back = roll_back(database, other_ledger_ ? std::nullopt : above);
                if (!back) return base::pass(back);
                note(*back);
            }
            for (const auto& seen : step.events) {
                const auto patient = apply_event(database, seen.event, seen.block);
                if (!patient) return base::pass(patient);
                if (*patient) step.patients.push_back(**patient);
            }
            const auto now_final = granted_between(database, any_final_ ? finalized_.load() : 0, step.finalized);
            if (!now_final) return base::pass(now_final);
            note(*now_final);
            return write ? save_followed(database, identity_, step.followed) : base::Status{};
        },
        [&promise](base::Status status) { promise.set_value(std::move(status)); });
    auto status = done.get();
    if (status) unsaved_ = write ? 0 : unsaved_;
    return status;
}

base::Status Follower::sync() {
    std::lock_guard one(sync_mutex_);
    const auto standing = unwind();
    if (!standing) return base::pass(standing);
    Step step;
    step.rolled_back = *standing < followed_.size();
    followed_.resize(*standing);
    step.followed = followed_;
    const auto head = ledger_.head();
    if (!head) return base::pass(head);
    const auto finalized = ledger_.finalized();
    if (!finalized) return base::pass(finalized);
    step.finalized = std::max(*finalized, finalized_.load());
    const std::uint64_t from = followed_.empty() ? ledger_.first_block() : followed_.back().number + 1;
    if (from <= head->number) {
        if (auto done = read_blocks(from, head->number, *finalized, step); !done) return done;
    }
    // Of the final blocks, one is enough to know the ledger by.
    const auto first_open =
        std::find_if(step.followed.begin(), step.followed.end(), [&](const Followed& b) { return b.number > *finalized; });
    if (first_open - step.followed.begin() > 1) step.followed.erase(step.followed.begin(), first_open - 1);
    if (auto done = apply(step); !done) return done;
    other_ledger_ = false;
    unsaved_ += step.blocks;
    followed_ = std::move(step.followed);
    finalized_ = step.finalized;
    any_final_ = true;
    head_ = head->number;
    head_time_us_ = head->time_us;
    last_sync_us_ = clock_.now_us();
    changed_(step.patients);
    return {};
}

bool Follower::is_current() {
    const auto head = ledger_.head();
    std::unique_lock one(sync_mutex_, std::try_to_lock);
    if (!head || !one.owns_lock()) return false;
    return !followed_.empty() && followed_.back().number == head->number && followed_.back().hash == head->hash;
}

}  // namespace consent
