// What an Outbox is inside: shared by the passes (outbox.cpp) and by what a pass writes down (signing.cpp).
#pragma once

#include "anchoring/ethereum/transaction.hpp"
#include "anchoring/ledger/embedded.hpp"
#include "anchoring/outbox/broadcast.hpp"
#include "anchoring/outbox/join.hpp"
#include "anchoring/outbox/outbox.hpp"
#include "anchoring/outbox/table.hpp"

#include <algorithm>
#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

namespace outbox {

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
    std::atomic<bool> fees_are_old{false};  // set by a pause

    Gate gate;                 // closed while paused
    std::mutex pausing_mutex;  // one pause() or resume() at a time
    mutable std::mutex pause_mutex;
    std::optional<Pause> pause;

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

    void hold() {
        fees_are_old = true;
        gate.close();
    }
    std::optional<Pause> paused() const {
        std::lock_guard lock(pause_mutex);
        return pause;
    }
    base::Result<bool> set_pause(std::optional<Pause> wanted, const store::Store::Work& also);

    // Gives the row its signature for its nonce and fees. While paused it loses the one it had: sign_waiting() sees to it later.
    base::Status sign(FullRow& row) const {
        row.txn_hash = {};
        row.raw.clear();
        if (gate.is_closed()) return {};
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
    bool lacks_signature(const FullRow& row) const;
    base::Status sign_waiting(std::vector<FullRow>& rows);
    base::Status hand_over(store::Database& database, FullRow& row);
    base::Status write(store::Database& database, Found& found);
    base::Status save(store::Database& database, const FullRow& row, Found& found);
    base::Status renumber(store::Database& database, std::uint64_t from, Found& found);
    base::Status bump(store::Database& database, FullRow row, Found& found);
    base::Status prepare(store::Database& database, Found& found);
    base::Status join(store::Database& database, std::vector<FullRow>& fresh, const std::vector<Group>& groups, Found& found);
    base::Status carry(store::Database& database, const FullRow& joint, Found& found);
    base::Status split(store::Database& database, const FullRow& joint, std::vector<FullRow> members, Found& found);
    void refresh_fees();
    void fees_of_now();
    void loop();
};

}  // namespace outbox
