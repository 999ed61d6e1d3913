#include "anchoring/outbox/outbox.hpp"

#include "anchoring/ethereum/transaction.hpp"
#include "anchoring/ledger/embedded.hpp"
#include "anchoring/outbox/broadcast.hpp"
#include "anchoring/outbox/join.hpp"
#include "anchoring/outbox/table.hpp"
#include "storage/base/log.hpp"

#include <algorithm>
#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

namespace outbox {

using base::Kind;

namespace {

constexpr std::size_t kRowsPerPass = 1000;
constexpr std::uint32_t kMostAttempts = 8;

Row shown(const FullRow& row) {
    return row;
}

}  // namespace

std::string_view to_string(State state) {
    switch (state) {
        case State::queued:
            return "queued";
        case State::sent:
            return "sent";
        case State::mined:
            return "mined";
        case State::final:
            return "final";
        case State::refused:
            return "refused";
    }
    return "unknown";
}

struct Outbox::Impl {
    Options options;
    store::Store& store;
    ledger::Ledger& ledger;
    const base::Clock& clock;
    ethereum::Signer signer;
    Account account;
    std::uint64_t first_nonce = 0;  // what the ledger said at open: never below it, whatever the table holds

    std::mutex reader_mutex;
    store::Database reader;

    std::mutex fees_mutex;
    ledger::Fees fees;

    std::mutex pass_mutex;  // one pass at a time: the thread's, or a caller's
    Resent resent;
    std::size_t most_joined;  // fewer after a joint transaction failed as a whole
    std::vector<std::function<void(const std::vector<Row>&)>> listeners;

    std::mutex wake_mutex;
    std::condition_variable wake;
    bool kicked = false, stopping = false;
    std::thread thread;

    Impl(Options o, store::Store& s, ledger::Ledger& l, const base::Clock& c, ethereum::Signer key, store::Database r)
        : options(std::move(o)),
          store(s),
          ledger(l),
          clock(c),
          signer(std::move(key)),
          account{signer.address(), l.chain_id(), l.contracts().consent_ledger},
          reader(std::move(r)),
          most_joined(std::max<std::size_t>(options.most_joined, 1)) {}

    // Whether rows are written down before they are given to the ledger, which joining needs: what the ledger may have is not signed anew.
    bool prepares() const {
        return options.most_joined > 1 && (options.join_embedded || dynamic_cast<ledger::Embedded*>(&ledger) == nullptr);
    }

    ledger::Fees offered() {
        std::lock_guard lock(fees_mutex);
        return fees;
    }

    // Gives the row its signature for its nonce and fees.
    base::Status sign(FullRow& row) const {
        ethereum::Transaction txn;
        txn.chain_id = account.chain_id;
        txn.nonce = *row.nonce;
        txn.max_priority_fee_per_gas = row.fees.max_priority_fee_per_gas;
        txn.max_fee_per_gas = row.fees.max_fee_per_gas;
        txn.gas_limit = row.gas_limit;
        txn.to = row.to;
        txn.data = row.data;
        auto signed_txn = ethereum::sign(txn, signer);
        if (!signed_txn) return base::pass(signed_txn);
        row.txn_hash = signed_txn->hash;
        row.raw = std::move(signed_txn->raw);
        return {};
    }

    base::Result<std::uint64_t> next_nonce(store::Database& database) const {
        const auto stored = outbox::next_nonce(database, account);
        if (!stored) return base::pass(stored);
        return std::max(first_nonce, stored->value_or(0));
    }

    // Runs `work` in a unit of its own and waits until it is durable.
    base::Status in_unit(store::Store::Work work) {
        auto duty = store::AuditDuty::exempt("outbox bookkeeping");
        std::promise<base::Status> promise;
        auto done = promise.get_future();
        store.submit(duty, std::move(work), [&promise](base::Status status) { promise.set_value(std::move(status)); });
        return done.get();
    }

    base::Status pass(std::int64_t resend_after_us);
    base::Status write(store::Database& database, Found& found);
    base::Status save(store::Database& database, const FullRow& row, Found& found);
    base::Status renumber(store::Database& database, std::uint64_t from, Found& found);
    base::Status bump(store::Database& database, FullRow row, Found& found);
    base::Status prepare(store::Database& database, Found& found);
    base::Status join(store::Database& database, std::vector<FullRow>& fresh, const std::vector<Group>& groups, Found& found);
    base::Status carry(store::Database& database, const FullRow& joint, Found& found);
    base::Status split(store::Database& database, const FullRow& joint, std::vector<FullRow> members, Found& found);
    void loop();
};

// Writes a row that changed; what another row's transaction carries changes with it.
base::Status Outbox::Impl::save(store::Database& database, const FullRow& row, Found& found) {
    if (auto done = update(database, row); !done) return done;
    return row.kind == kBatchKind ? carry(database, row, found) : base::Status{};
}

// Open rows that the ledger does not hold get the nonces from `from` on, in the order they had. The higher ones' old copies, should a node
// hold some, do no harm: the contracts take each consent id and each anchor once.
base::Status Outbox::Impl::renumber(store::Database& database, std::uint64_t from, Found& found) {
    auto rows = open_rows(database, account, kRowsPerPass * 100);
    if (!rows) return base::pass(rows);
    std::uint64_t next = from;
    for (const auto& row : *rows) {
        if (row.state == State::mined && row.nonce) next = std::max(next, *row.nonce + 1);
    }
    std::erase_if(*rows, [&](const FullRow& row) {
        return row.state == State::mined || std::find(found.kept.begin(), found.kept.end(), row.id) != found.kept.end();
    });
    if (auto done = release_nonces(database, account, next); !done) return done;
    for (auto row : *rows) {  // out of each other's way first: a nonce stands once
        row.nonce.reset();
        if (auto done = update(database, row); !done) return done;
    }
    base::log::warn("outbox: " + std::to_string(rows->size()) + " transactions numbered anew from nonce " + std::to_string(next));
    for (auto& row : *rows) {
        if (!found.renumber_is_ours && ++row.attempts > kMostAttempts) {
            row.state = State::refused;
            row.nonce.reset();
            row.reason = "the ledger's nonce moved " + std::to_string(kMostAttempts) + " times: is another program using the relayer key?";
        } else {
            row.nonce = next++;
            row.state = State::queued;
            row.earlier.clear();
            if (auto done = sign(row); !done) return done;
        }
        if (auto done = save(database, row, found); !done) return done;
        found.changed.push_back(row);
    }
    return {};
}

base::Status Outbox::Impl::bump(store::Database& database, FullRow row, Found& found) {
    const auto suggested = offered();
    // What the ledger suggests counts up to the operator's limit; ask() saw to it that the raise itself stays below.
    const auto at_least = [&](std::uint64_t fee, std::uint64_t wanted) {
        return std::max(raised(fee), std::min(wanted, options.most_fee_per_gas));
    };
    const auto tip = at_least(row.fees.max_priority_fee_per_gas, suggested.max_priority_fee_per_gas);
    const auto most = std::max(at_least(row.fees.max_fee_per_gas, suggested.max_fee_per_gas), tip);
    row.earlier.push_back(row.txn_hash);
    row.fees = {tip, most};
    row.state = State::queued;
    if (auto done = sign(row); !done) return done;
    if (auto done = save(database, row, found); !done) return done;
    found.changed.push_back(std::move(row));
    return {};
}

// The rows at the end that the ledger never saw: written down as given to it, and joined where they can be. What is sent afterwards is
// what stands here, so a crash in between sends the very same bytes.
base::Status Outbox::Impl::prepare(store::Database& database, Found& found) {
    auto rows = open_rows(database, account, kRowsPerPass * 100);
    if (!rows) return base::pass(rows);
    const auto is_fresh = [](const FullRow& row) { return row.handling != Handling::handed && row.state == State::queued; };
    auto first = rows->end();
    while (first != rows->begin() && is_fresh(*(first - 1))) --first;
    std::vector<FullRow> fresh(std::make_move_iterator(first), std::make_move_iterator(rows->end()));
    rows->erase(first, rows->end());
    for (auto& row : *rows) {  // numbered before one that was handed over: it keeps its place
        if (!is_fresh(row)) continue;
        row.handling = Handling::handed;
        if (auto done = update(database, row); !done) return done;
    }
    const auto groups = joined(fresh, account.consent_ledger, most_joined);
    if (groups.size() < fresh.size()) return join(database, fresh, groups, found);
    for (auto& row : fresh) {
        row.handling = Handling::handed;
        if (auto done = update(database, row); !done) return done;
    }
    return {};
}

base::Status Outbox::Impl::join(store::Database& database, std::vector<FullRow>& fresh, const std::vector<Group>& groups, Found& found) {
    std::uint64_t next = *fresh.front().nonce;
    for (auto& row : fresh) {  // out of each other's way, as above
        row.nonce.reset();
        row.handling = Handling::handed;
        row.fees = offered();
        if (auto done = update(database, row); !done) return done;
    }
    for (const auto& group : groups) {
        FullRow carrier = fresh[group.rows.front()];
        if (group.rows.size() > 1) {
            carrier = {};
            carrier.kind = kBatchKind;
            carrier.to = account.consent_ledger;
            carrier.data = group.data;
            carrier.gas_limit = group.gas_limit;
            carrier.fees = offered();
            carrier.handling = Handling::handed;
        }
        carrier.nonce = next++;
        if (auto done = sign(carrier); !done) return done;
        if (group.rows.size() == 1) {
            if (auto done = update(database, carrier); !done) return done;
            found.changed.push_back(std::move(carrier));
            continue;
        }
        const auto id = insert(database, account, carrier);
        if (!id) return base::pass(id);
        for (const auto at : group.rows) {
            auto& member = fresh[at];
            member.carrier = *id;
            member.txn_hash = carrier.txn_hash;
            member.raw.clear();
            if (auto done = update(database, member); !done) return done;
            found.changed.push_back(member);
        }
    }
    return {};
}

// A joint transaction changed: so did the calls in it.
base::Status Outbox::Impl::carry(store::Database& database, const FullRow& joint, Found& found) {
    auto members = carried_rows(database, joint.id);
    if (!members) return base::pass(members);
    const bool undone = !joint.reason.empty();
    if (joint.state == State::refused && joint.attempts <= kMostAttempts) return split(database, joint, std::move(*members), found);
    const auto logs = found.logs.find(joint.id);
    for (auto& member : *members) {
        member.txn_hash = joint.txn_hash;
        member.sent_us = joint.sent_us;
        member.state = joint.state == State::mined && undone ? State::sent : joint.state;  // it may still be sent alone
        member.block_number = undone ? 0 : joint.block_number;
        member.block_hash = undone ? Hash{} : joint.block_hash;
        member.reason = joint.state == State::refused ? joint.reason : "";
        if (!undone && logs != found.logs.end()) member.reason = skipped(member, account.consent_ledger, logs->second);
        if (member.state == State::final && !member.reason.empty()) member.state = State::refused;
        if (auto done = update(database, member); !done) return done;
        found.changed.push_back(member);
    }
    return {};
}

// The joint transaction failed as a whole, so that nothing in it was done: each call goes alone, and fewer are joined from now on.
base::Status Outbox::Impl::split(store::Database& database, const FullRow& joint, std::vector<FullRow> members, Found& found) {
    most_joined = std::max<std::size_t>(1, std::min(most_joined, members.size()) / 2);
    base::log::warn("outbox: a transaction that carried " + std::to_string(members.size()) + " calls failed (" + joint.reason +
                    "); they are sent alone, and at most " + std::to_string(most_joined) + " together from now on");
    const auto stored = next_nonce(database);
    if (!stored) return base::pass(stored);
    std::uint64_t next = joint.nonce ? std::max(*stored, *joint.nonce + 1) : *stored;
    for (auto& member : members) {
        member.carrier = 0;
        member.handling = Handling::alone;
        member.state = State::queued;
        member.nonce = next++;
        member.fees = offered();
        member.block_number = 0;
        member.block_hash = {};
        member.sent_us = 0;
        if (auto done = sign(member); !done) return done;
        if (auto done = update(database, member); !done) return done;
        found.changed.push_back(std::move(member));
    }
    return {};
}

base::Status Outbox::Impl::write(store::Database& database, Found& found) {
    const auto changed = found.changed;  // save() adds the calls that they carry
    for (const auto& row : changed) {
        if (auto done = save(database, row, found); !done) return done;
    }
    for (const auto& row : found.to_bump) {
        if (auto done = bump(database, row, found); !done) return done;
    }
    if (found.renumber_from) return renumber(database, *found.renumber_from, found);
    return found.prepare ? prepare(database, found) : base::Status{};
}

base::Status Outbox::Impl::pass(std::int64_t resend_after_us) {
    std::lock_guard one(pass_mutex);
    // Rounds: what was numbered anew can be sent at once, and a full table is taken in parts.
    for (int round = 0; round < 64; ++round) {
        auto rows = [&] {
            std::lock_guard lock(reader_mutex);
            return open_rows(reader, account, kRowsPerPass);
        }();
        if (!rows) return base::pass(rows);
        if (rows->empty()) return {};
        auto found =
            ask(ledger, account.sender, std::move(*rows),
                {clock.now_us(), resend_after_us, options.bump_after_us, options.most_fee_per_gas, prepares() ? options.most_under_way : 0},
                resent);
        resend_after_us = options.resend_after_us;  // once is enough
        if (!found.empty()) {
            auto written = in_unit([&](store::Unit& unit) { return write(unit.database(), found); });
            if (!written) return written;
            std::vector<Row> told;
            for (const auto& row : found.changed) told.push_back(shown(row));
            for (const auto& listener : listeners) listener(told);
        }
        if (found.stopped) return tl::unexpected(*found.stopped);
        const bool more_to_send =
            found.renumber_from || found.prepare ||
            std::any_of(found.changed.begin(), found.changed.end(), [](const FullRow& row) { return row.state == State::final; });
        if (found.doubt && (found.empty() || !more_to_send)) return tl::unexpected(*found.doubt);
        if (found.empty() || !more_to_send) return {};
    }
    return {};
}

void Outbox::Impl::loop() {
    int failures = 0;
    std::unique_lock lock(wake_mutex);
    while (!stopping) {
        // After a failure the wait doubles, to half a minute; a kick does not shorten it, or a busy server would hammer a sick ledger.
        const auto wait = std::chrono::milliseconds(std::min<std::int64_t>(30'000, std::int64_t{options.poll_ms} << std::min(failures, 5)));
        wake.wait_for(lock, wait, [&] { return stopping || (kicked && failures == 0); });
        if (stopping) return;
        kicked = false;
        lock.unlock();
        if (const auto suggested = ledger.fees()) {
            std::lock_guard fees_lock(fees_mutex);
            fees = *suggested;
        }
        const auto done = pass(options.resend_after_us);
        if (!done) base::log::warn("outbox: " + std::string(base::to_string(done.error().kind)) + ": " + done.error().diagnostics);
        failures = done ? 0 : failures + 1;
        lock.lock();
    }
}

Outbox::Outbox(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Outbox::~Outbox() {
    stop();
}

base::Result<std::unique_ptr<Outbox>> Outbox::open(const Options& options, store::Store& store, store::KeyRing& keys,
                                                   ledger::Ledger& ledger, const base::Clock& clock) {
    auto signer = ethereum::Signer::from_secret(keys.derived("relayer").view());
    if (!signer) return base::pass(signer);
    return open(options, store, keys, ledger, std::move(*signer), clock);
}

base::Result<std::unique_ptr<Outbox>> Outbox::open(const Options& options, store::Store& store, store::KeyRing& keys,
                                                   ledger::Ledger& ledger, ethereum::Signer relayer, const base::Clock& clock) {
    store::OpenOptions read_only;
    read_only.read_only = true;
    auto reader = store::Database::open(options.dir + "/records.db", keys.derived("db:records"), read_only);
    if (!reader) return base::pass(reader);
    auto impl = std::make_unique<Impl>(options, store, ledger, clock, std::move(relayer), std::move(*reader));
    const auto count = ledger.transaction_count(impl->account.sender);
    if (!count && count.error().kind != Kind::unavailable) return base::pass(count);
    if (count) impl->first_nonce = *count;
    if (const auto suggested = ledger.fees()) impl->fees = *suggested;
    std::int64_t strangers = 0;
    auto made = impl->in_unit([&](store::Unit& unit) -> base::Status {
        if (auto done = make_table(unit.database()); !done) return done;
        if (options.only_looking) return {};
        auto refused =
            refuse_strangers(unit.database(), impl->account, "the server was set to another ledger or relayer before this was mined");
        if (!refused) return base::pass(refused);
        strangers = *refused;
        return {};
    });
    if (!made) return base::pass(made);
    if (strangers > 0) base::log::warn("outbox: " + std::to_string(strangers) + " transactions of another ledger or relayer were given up");
    return std::unique_ptr<Outbox>(new Outbox(std::move(impl)));
}

base::Result<Queued> Outbox::enqueue(store::Database& in_unit, const Call& call) {
    const auto waiting = count_waiting(in_unit, impl_->options.most_waiting);
    if (!waiting) return base::pass(waiting);
    if (*waiting >= impl_->options.most_waiting && !call.urgent) {
        return base::fail(Kind::unavailable,
                          "the ledger is behind: " + std::to_string(*waiting) + " transactions wait, which is the limit; try again");
    }
    const auto nonce = impl_->next_nonce(in_unit);
    if (!nonce) return base::pass(nonce);
    FullRow row;
    row.nonce = *nonce;
    row.kind = call.kind;
    row.to = call.to;
    row.data = call.data;
    row.gas_limit = call.gas_limit;
    row.fees = impl_->offered();
    if (auto done = impl_->sign(row); !done) return base::pass(done);
    const auto id = insert(in_unit, impl_->account, row);
    if (!id) return base::pass(id);
    return Queued{*id, *nonce, row.txn_hash, std::move(row.raw)};
}

void Outbox::kick() {
    {
        std::lock_guard lock(impl_->wake_mutex);
        impl_->kicked = true;
    }
    impl_->wake.notify_one();
}

void Outbox::start() {
    CHECK(!impl_->thread.joinable());
    impl_->stopping = false;
    impl_->kicked = true;  // what waited while the server was down
    impl_->thread = std::thread([this] { impl_->loop(); });
}

void Outbox::stop() {
    {
        std::lock_guard lock(impl_->wake_mutex);
        impl_->stopping = true;
    }
    impl_->wake.notify_one();
    if (impl_->thread.joinable()) impl_->thread.join();
}

base::Status Outbox::pass() {
    return impl_->pass(impl_->options.resend_after_us);
}

base::Result<std::optional<Row>> Outbox::find(std::uint64_t id) {
    std::lock_guard lock(impl_->reader_mutex);
    const auto row = outbox::find(impl_->reader, id);
    if (!row) return base::pass(row);
    if (!*row) return std::optional<Row>{};
    return std::optional<Row>{shown(**row)};
}

base::Status Outbox::resend() {
    return impl_->pass(0);
}

base::Result<std::size_t> Outbox::open_count() {
    std::lock_guard lock(impl_->reader_mutex);
    return count_open(impl_->reader, impl_->account);
}

base::Result<std::size_t> Outbox::waiting() {
    std::lock_guard lock(impl_->reader_mutex);
    return count_waiting(impl_->reader, impl_->options.most_waiting);
}

void Outbox::listen(std::function<void(const std::vector<Row>&)> listener) {
    impl_->listeners.push_back(std::move(listener));
}

const Address& Outbox::relayer() const {
    return impl_->account.sender;
}

}  // namespace outbox
