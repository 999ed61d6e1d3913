#include "anchoring/outbox/broadcast.hpp"

#include "anchoring/ledger/embedded.hpp"
#include "anchoring/outbox/join.hpp"
#include "storage/base/log.hpp"

#include <algorithm>

namespace outbox {
namespace {

using base::Kind;
using Answers = std::vector<base::Result<ledger::Submitted>>;

// The embedded ledger makes one block of all that wait, with one fsync; a node takes them one by one. Fewer answers than rows when the gate
// was closed meanwhile.
base::Result<Answers> submit_all(ledger::Ledger& ledger, const std::vector<FullRow*>& rows, Gate& gate) {
    if (auto* embedded = dynamic_cast<ledger::Embedded*>(&ledger)) {
        std::vector<base::Bytes> raw;
        for (const auto* row : rows) raw.push_back(row->raw);
        base::Result<Answers> answers;
        gate.through([&] { answers = embedded->submit_batch(raw); });
        return answers;
    }
    Answers answers;
    for (const auto* row : rows) {
        if (!gate.through([&] { answers.push_back(ledger.submit(row->raw)); })) break;
        if (!answers.back()) break;  // what follows has a higher nonce
    }
    return answers;
}

struct Pass {
    ledger::Ledger& ledger;
    const Address& sender;
    const Timing& timing;
    std::vector<FullRow>& rows;
    Resent& resent;
    Gate& gate;
    std::uint64_t mined_nonces = 0;  // the ledger's count: no block has a nonce from here on
    std::map<std::uint64_t, std::optional<Hash>> block_hashes;
    Found found{};

    // The receipt of the row, or of the same nonce with a lower fee.
    base::Result<std::optional<ledger::Receipt>> receipt_of(const FullRow& row) {
        base::Result<std::optional<ledger::Receipt>> receipt;
        if (row.txn_hash != Hash{}) receipt = ledger.receipt(row.txn_hash);  // none while it lacks its signature
        for (auto at = row.earlier.rbegin(); receipt && !*receipt && at != row.earlier.rend(); ++at) receipt = ledger.receipt(*at);
        return receipt;
    }

    bool may_offer_more(const FullRow& row) const {
        return raised(std::max(row.fees.max_fee_per_gas, row.fees.max_priority_fee_per_gas)) <= timing.most_fee_per_gas;
    }

    // Whether the row's block is still the one with its number: one question for all rows of a block, and their receipts stay true.
    base::Result<bool> stands(const FullRow& row) {
        auto known = block_hashes.find(row.block_number);
        if (known == block_hashes.end()) {
            const auto block = ledger.block(row.block_number);
            if (!block) return base::pass(block);
            known = block_hashes.emplace(row.block_number, *block ? std::optional((*block)->hash) : std::nullopt).first;
        }
        return known->second == row.block_hash;
    }

    // What a pass asks about a row that was sent before: as follow(), with no question that has a known answer. A node that is paid by
    // the question would otherwise be asked twice a second for each row, until the row is final.
    base::Result<bool> follow_sent(FullRow& row, std::uint64_t finalized) {
        if (row.state == State::sent && row.nonce && *row.nonce >= mined_nonces) return false;
        if (row.state == State::mined && row.block_number > finalized) {
            const auto same = stands(row);
            if (!same || *same) return same;
        }
        return follow(row, finalized);
    }

    // mined, final or refused by what the ledger shows. true when it stands in a block.
    base::Result<bool> follow(FullRow& row, std::uint64_t finalized) {
        const auto receipt = receipt_of(row);
        if (!receipt) return base::pass(receipt);
        const State before = row.state;
        if (!*receipt) {
            if (before != State::mined) return false;
            row.state = State::sent;  // a reorganisation took its block back
            row.block_number = 0;
            row.block_hash = {};
            row.sent_us = 0;  // due at once
            row.reason.clear();
            found.changed.push_back(row);
            return false;
        }
        if ((*receipt)->success && must_tell(row, ledger.contracts().consent_ledger) &&
            std::none_of((*receipt)->logs.begin(), (*receipt)->logs.end(), [&](const ledger::Log& log) { return log.address == row.to; })) {
            return base::fail(Kind::unavailable, "the receipt of transaction " + std::to_string(row.id) +
                                                     " says that it succeeded, and no event of its contract says so: not believed");
        }
        const bool moved = row.block_hash != (*receipt)->block_hash;
        row.txn_hash = (*receipt)->txn_hash;
        row.block_number = (*receipt)->block_number;
        row.block_hash = (*receipt)->block_hash;
        const bool is_final = row.block_number <= finalized;
        row.state = is_final ? State::final : State::mined;
        row.reason = (*receipt)->success         ? skipped(row, ledger.contracts().consent_ledger, (*receipt)->logs)
                     : (*receipt)->error.empty() ? "reverted"
                                                 : (*receipt)->error;
        if (is_final && !row.reason.empty()) row.state = State::refused;
        if (row.kind == kBatchKind) found.logs[row.id] = (*receipt)->logs;
        if (is_final) row.raw.clear(), row.data.clear(), row.earlier.clear();
        if (row.state != before || moved) found.changed.push_back(row);
        return true;
    }

    // Finds the nonce that the ledger waits for: its own count, and then one for each of our transactions that it holds.
    base::Result<std::uint64_t> expected() {
        const auto count = ledger.transaction_count(sender);
        if (!count) return base::pass(count);
        std::uint64_t next = *count;
        found.kept.clear();
        for (const auto& row : rows) {
            if (row.state != State::sent || row.nonce != next) continue;
            found.kept.push_back(row.id);
            ++next;
        }
        return next;
    }

    // The ledger would not have it. Who is wrong: the row, or its nonce?
    base::Status refused(FullRow& row, const base::Error& why) {
        const auto next = expected();
        if (!next) return base::pass(next);
        if (*next == row.nonce) {
            row.state = State::refused;
            row.reason = why.diagnostics;
            row.nonce.reset();  // unused: those behind it move up, or they would wait for ever
            found.changed.push_back(row);
            found.renumber_is_ours = true;
        }
        found.renumber_from = *next;
        return {};
    }

    // false: nothing behind this row can be taken now.
    base::Result<bool> answered(FullRow& row, const base::Result<ledger::Submitted>& answer, std::uint64_t finalized) {
        if (answer && answer->underpriced) {
            // Another transaction has this nonce, ours with lower fees perhaps, or blocks became dearer than what was offered.
            if (!may_offer_more(row)) {
                return base::fail(Kind::unavailable, "transaction " + std::to_string(row.id) + " offers " +
                                                         std::to_string(row.fees.max_fee_per_gas) +
                                                         " wei per gas, which the node refuses; more than the configured " +
                                                         std::to_string(timing.most_fee_per_gas) + " is not offered");
            }
            found.to_bump.push_back(row);
            return false;
        }
        if (answer) {
            if (row.state == State::queued || row.sent_us == 0) row.sent_us = timing.now;
            row.state = State::sent;
            resent[row.id] = timing.now;
            const auto mined = follow(row, finalized);
            if (!mined) return base::pass(mined);
            if (!*mined) found.changed.push_back(row);
            return true;
        }
        switch (answer.error().kind) {
            case Kind::conflict: {  // the nonce is used: by this very row before a crash, or by somebody else
                const auto mined = follow(row, finalized);
                if (!mined) return base::pass(mined);
                if (*mined) return true;
                row.state = State::queued;
                const auto next = expected();
                if (!next) return base::pass(next);
                found.renumber_from = *next;
                return false;
            }
            case Kind::invalid:
            case Kind::too_large:
            case Kind::unprocessable:
                if (auto done = refused(row, answer.error()); !done) return base::pass(done);
                return false;
            default:
                return base::pass(answer);
        }
    }

    base::Status send(std::vector<FullRow*> due, std::uint64_t finalized) {
        if (due.empty()) return {};
        const auto answers = submit_all(ledger, due, gate);
        if (!answers) return base::pass(answers);
        // What a block took in this very call may be final already.
        const auto now_final = ledger.finalized();
        for (std::size_t i = 0; i < answers->size(); ++i) {
            const auto on = answered(*due[i], (*answers)[i], now_final ? *now_final : finalized);
            if (!on) return base::pass(on);
            if (!*on) break;
        }
        return {};
    }

    // Nonces between the ledger's count and our first open row: a chain that began anew, or a database older than the chain. No block
    // takes what stands behind the gap.
    base::Status close_gap(const FullRow& head) {
        const auto next = expected();
        if (!next) return base::pass(next);
        if (*next < *head.nonce) found.renumber_from = *next;
        return {};
    }

    // While paused: what may stand on the ledger is followed, nothing is given to it. One that is queued may stand there when it was sent
    // and a crash came before that was written down, and then its nonce is used.
    void watch(std::uint64_t finalized) {
        for (auto& row : rows) {
            if (row.state == State::queued && (!row.nonce || *row.nonce >= mined_nonces)) continue;
            const auto mined = follow_sent(row, finalized);
            if (mined) continue;
            found.doubt = mined.error();
            return;
        }
    }

    base::Status run() {
        const bool paused = gate.is_closed();
        const auto was_handed = [&](const FullRow& row) {
            return timing.most_under_way == 0 || row.state != State::queued || row.handling == Handling::handed;
        };
        // A long pause must not ask a node that is paid by the question about nothing.
        if (paused && std::none_of(rows.begin(), rows.end(), was_handed)) return {};
        const auto finalized = ledger.finalized();
        if (!finalized) return base::pass(finalized);
        const auto count = ledger.transaction_count(sender);
        if (!count) return base::pass(count);
        mined_nonces = *count;
        if (paused) return watch(*finalized), base::Status{};
        std::vector<FullRow*> due;
        std::size_t under_way = 0;
        bool head = true;  // of those that no block has: the one that all others wait for
        for (auto& row : rows) {
            if (timing.most_under_way > 0 && row.handling != Handling::handed) {
                found.prepare = under_way < timing.most_under_way;
                break;  // all behind it are fresh, or wait for it
            }
            if (row.state == State::queued && row.raw.empty()) break;  // to be signed first, and so is what stands behind it
            if (row.state != State::queued) {
                if (found.doubt) continue;  // the next pass asks about the rest
                const auto mined = follow_sent(row, *finalized);
                if (!mined) found.doubt = mined.error();
                if (!mined || *mined) continue;
                const auto silent = timing.now - row.sent_us;
                const auto since_given = timing.now - std::max(row.sent_us, resent[row.id]);
                if (head && silent >= timing.resend_after_us && row.nonce && mined_nonces < *row.nonce) {
                    if (auto closed = close_gap(row); !closed) return closed;
                    if (found.renumber_from) return {};
                }
                const bool stuck = head && silent >= timing.bump_after_us && row.sent_us != 0;
                if (stuck && may_offer_more(row)) {
                    found.to_bump.push_back(row);
                } else if ((row.sent_us == 0 || since_given >= timing.resend_after_us) && due.size() < kMostAtOnce) {
                    if (stuck) base::log::warn("outbox: transaction " + std::to_string(row.id) + " is not mined, and may offer no more");
                    due.push_back(&row);
                }
            } else if (due.size() < kMostAtOnce) {
                due.push_back(&row);
            }
            ++under_way;
            head = false;
        }
        return send(std::move(due), *finalized);
    }
};

}  // namespace

Found ask(ledger::Ledger& ledger, const Address& sender, std::vector<FullRow> rows, const Timing& timing, Resent& resent, Gate& gate) {
    Pass pass{ledger, sender, timing, rows, resent, gate};
    std::erase_if(resent, [&](const auto& one) {
        return std::none_of(rows.begin(), rows.end(), [&](const FullRow& row) { return row.id == one.first; });
    });
    if (auto done = pass.run(); !done) {
        pass.found.stopped = done.error();
        pass.found.prepare = false;  // a ledger that takes nothing now: what waits may still become more, and go together
    }
    return std::move(pass.found);
}

}  // namespace outbox
