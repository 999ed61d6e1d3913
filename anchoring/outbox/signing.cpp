// What a pass found becomes rows, nonces and signatures. All of it runs in units of work, on the store's one writer thread.
#include "anchoring/outbox/outbox_impl.hpp"
#include "storage/base/log.hpp"

#include <algorithm>

namespace outbox {
namespace {

constexpr std::size_t kRowsAtOnce = 100'000;
constexpr std::uint32_t kMostAttempts = 8;

}  // namespace

// Waits for its turn without a signature: it was written, or numbered, while the relayer was paused. One that may still be joined with
// others gets it when that is decided.
bool Outbox::Impl::lacks_signature(const FullRow& row) const {
    return row.state == State::queued && row.raw.empty() && (row.handling == Handling::handed || !prepares());
}

// Signs what lacks it, with the fees of now; as many as one pass sends, so that the writer is not held up.
base::Status Outbox::Impl::sign_waiting(std::vector<FullRow>& rows) {
    std::vector<FullRow*> waiting;
    for (auto& row : rows) {
        if (lacks_signature(row) && waiting.size() < kMostAtOnce) waiting.push_back(&row);
    }
    if (waiting.empty()) return {};
    return in_unit([&](store::Unit& unit) -> base::Status {
        Found told;
        for (auto* row : waiting) {
            if (row->earlier.empty()) row->fees = offered();  // else it replaces one, and must offer more than that
            if (auto done = sign(*row); !done) return done;
            if (auto done = save(unit.database(), *row, told); !done) return done;
        }
        return {};
    });
}

// Written down before the ledger gets it, as it is.
base::Status Outbox::Impl::hand_over(store::Database& database, FullRow& row) {
    row.handling = Handling::handed;
    if (row.raw.empty()) {
        row.fees = offered();
        if (auto done = sign(row); !done) return done;
    }
    return update(database, row);
}

// Writes a row that changed; what another row's transaction carries changes with it.
base::Status Outbox::Impl::save(store::Database& database, const FullRow& row, Found& found) {
    if (auto done = update(database, row); !done) return done;
    return row.kind == kBatchKind ? carry(database, row, found) : base::Status{};
}

// Open rows that the ledger does not hold get the nonces from `from` on, in the order they had. The higher ones' old copies, should a node
// hold some, do no harm: the contracts take each consent id and each anchor once.
base::Status Outbox::Impl::renumber(store::Database& database, std::uint64_t from, Found& found) {
    auto rows = open_rows(database, account, kRowsAtOnce);
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
    auto rows = open_rows(database, account, kRowsAtOnce);
    if (!rows) return base::pass(rows);
    const auto is_fresh = [](const FullRow& row) { return row.handling != Handling::handed && row.state == State::queued; };
    auto first = rows->end();
    while (first != rows->begin() && is_fresh(*(first - 1))) --first;
    std::vector<FullRow> fresh(std::make_move_iterator(first), std::make_move_iterator(rows->end()));
    rows->erase(first, rows->end());
    for (auto& row : *rows) {  // numbered before one that was handed over: it keeps its place
        if (!is_fresh(row)) continue;
        if (auto done = hand_over(database, row); !done) return done;
    }
    const auto groups = joined(fresh, account.consent_ledger, most_joined);
    if (groups.size() < fresh.size()) return join(database, fresh, groups, found);
    for (auto& row : fresh) {
        if (auto done = hand_over(database, row); !done) return done;
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

}  // namespace outbox
