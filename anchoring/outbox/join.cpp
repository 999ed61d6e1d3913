#include "anchoring/outbox/join.hpp"

#include "anchoring/ledger/consent_events.hpp"
#include "anchoring/ledger/consent_ledger.hpp"

#include <set>

namespace outbox {
namespace {

// A grant costs 35k to 55k gas with a key's signature; a wallet's check may cost more, and keeps what its row asked for. The sum stays
// below what one transaction may ask for anywhere (EIP-7825: 16.7 million), and the bytes below what nodes relay.
constexpr std::uint64_t kGasOfItem = 80'000, kGasOfCall = 100'000, kMostGas = 12'000'000;
constexpr std::size_t kMostBytes = 96 * 1024, kKeySignature = 65;

using Name = std::pair<ethereum::Address, Hash>;

struct Items {
    std::vector<ledger::SignedRevocation> revocations;
    std::vector<ledger::SignedGrant> grants;

    bool empty() const { return revocations.empty() && grants.empty(); }
    std::uint64_t gas(const FullRow& row) const {
        std::uint64_t out = 0;
        const auto add = [&](const base::Bytes& signature) { out += signature.size() == kKeySignature ? kGasOfItem : row.gas_limit; };
        for (const auto& one : revocations) add(one.signature);
        for (const auto& one : grants) add(one.signature);
        return out;
    }
    // A grant is 6 words, its offset and a signature of 5.
    std::size_t bytes() const {
        std::size_t out = 0;
        for (const auto& one : revocations) out += 160 + one.signature.size();
        for (const auto& one : grants) out += 320 + one.signature.size();
        return out;
    }
    void add(Items other) {
        revocations.insert(revocations.end(), std::make_move_iterator(other.revocations.begin()),
                           std::make_move_iterator(other.revocations.end()));
        grants.insert(grants.end(), std::make_move_iterator(other.grants.begin()), std::make_move_iterator(other.grants.end()));
    }
};

// Nothing for a call that applyBatch cannot carry.
Items items_of(const FullRow& row, const Address& consent_ledger) {
    Items out;
    if (row.to != consent_ledger || row.kind == kBatchKind) return out;
    const auto call = ledger::decode_consent_call(row.data);
    if (!call) return out;
    if (const auto* grant = std::get_if<ledger::GrantCall>(&*call)) out.grants.push_back(grant->item);
    if (const auto* revoke = std::get_if<ledger::RevokeCall>(&*call)) out.revocations.push_back(revoke->item);
    if (const auto* batch = std::get_if<ledger::ApplyBatchCall>(&*call)) {
        if (batch->signatures.size() != batch->revocations.size() + batch->grants.size()) return out;
        auto signature = batch->signatures.begin();
        for (const auto& one : batch->revocations) out.revocations.push_back({one, *signature++});
        for (const auto& one : batch->grants) out.grants.push_back({one, *signature++});
    }
    return out;
}

// The group that takes rows now.
struct Current {
    std::size_t group = 0;
    Items items;
    std::set<Name> granted;
    std::uint64_t gas = kGasOfCall;
    std::size_t bytes = 512;
    bool is_open = false;

    bool takes(const Group& group_now, const Items& more, const FullRow& row, std::size_t most) const {
        if (!is_open || group_now.rows.size() >= most || gas + more.gas(row) > kMostGas || bytes + more.bytes() > kMostBytes) return false;
        for (const auto& one : more.revocations) {
            if (granted.contains({one.revocation.subject, one.revocation.consent_id})) return false;
        }
        return true;
    }
    void take(Items more, const FullRow& row) {
        gas += more.gas(row);
        bytes += more.bytes();
        for (const auto& one : more.grants) granted.insert({one.grant.subject, one.grant.consent_id});
        items.add(std::move(more));
    }
};

void close(std::vector<Group>& groups, Current& current) {
    if (!current.is_open) return;
    auto& group = groups[current.group];
    if (group.rows.size() > 1) {
        group.data = ledger::encode_call(ledger::apply_batch(current.items.revocations, current.items.grants));
        group.gas_limit = current.gas;
    }
    current = {};
}

}  // namespace

std::vector<Group> joined(const std::vector<FullRow>& rows, const Address& consent_ledger, std::size_t most) {
    std::vector<Group> groups;
    Current current;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        auto items = rows[i].handling == Handling::alone ? Items{} : items_of(rows[i], consent_ledger);
        if (items.empty()) {
            groups.push_back({{i}, {}, 0});
            continue;
        }
        if (!current.is_open || !current.takes(groups[current.group], items, rows[i], most)) {
            close(groups, current);
            current.group = groups.size();
            current.is_open = true;
            groups.push_back({});
        }
        groups[current.group].rows.push_back(i);
        current.take(std::move(items), rows[i]);
    }
    close(groups, current);
    return groups;
}

std::string skipped(const FullRow& row, const Address& consent_ledger, const std::vector<ledger::Log>& logs) {
    const auto items = items_of(row, consent_ledger);
    std::set<Name> grants, revocations;
    for (const auto& one : items.grants) grants.insert({one.grant.subject, one.grant.consent_id});
    for (const auto& one : items.revocations) revocations.insert({one.revocation.subject, one.revocation.consent_id});
    for (const auto& log : logs) {
        if (log.address != consent_ledger) continue;
        const auto event = ledger::consent_event(log);
        const auto* skip = event && *event ? std::get_if<ledger::Skipped>(&**event) : nullptr;
        if (skip == nullptr) continue;
        const Name name{skip->subject, skip->consent_id};
        if (revocations.contains(name)) return std::string(to_string(skip->reason));
        if (grants.contains(name) && skip->reason != ledger::SkipReason::already_active) return std::string(to_string(skip->reason));
    }
    return {};
}

bool must_tell(const FullRow& row, const Address& consent_ledger) {
    if (row.to != consent_ledger) return true;
    const auto call = ledger::decode_consent_call(row.data);
    if (!call) return true;
    if (const auto* batch = std::get_if<ledger::ApplyBatchCall>(&*call)) return !batch->grants.empty();
    return !std::holds_alternative<ledger::RevokeCall>(*call);
}

}  // namespace outbox
