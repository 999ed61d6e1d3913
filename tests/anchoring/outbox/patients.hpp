// Patients who grant and revoke through an outbox: the same wishes on any ledger, and what a ledger shows of them.
#pragma once

#include "anchoring/ethereum/keccak.hpp"
#include "anchoring/ledger/consent_events.hpp"
#include "anchoring/ledger/consent_ledger.hpp"
#include "tests/anchoring/outbox/outbox_fixture.hpp"

#include <algorithm>
#include <random>
#include <set>

namespace outbox_test {

// What a patient wants of the consent with this number; `also`: granted in the same call, or who signs in her place.
struct Wish {
    enum class Kind { grant, revoke, change, forge } kind = Kind::grant;
    int consent = 0, also = 0;
};
// Grants, revocations (some of them twice), changes of one consent into another, and grants that another key signed.
inline std::vector<Wish> random_wishes(std::mt19937& random, int count) {
    std::vector<Wish> out;
    std::vector<int> granted;
    for (int next = 0; count > 0; --count) {
        const auto pick = [&] {
            const auto at = random() % granted.size();
            const int n = granted[at];
            if (random() % 4 != 0) granted.erase(granted.begin() + static_cast<std::ptrdiff_t>(at));
            return n;
        };
        const auto kind = random() % 10;
        if (kind < 3 && !granted.empty()) {
            out.push_back({Wish::Kind::revoke, pick(), 0});
        } else if (kind == 5) {
            out.push_back({Wish::Kind::forge, next, next + 1});
            ++next;
        } else {
            const bool change = kind < 5 && !granted.empty();
            out.push_back(change ? Wish{Wish::Kind::change, pick(), next} : Wish{Wish::Kind::grant, next, 0});
            granted.push_back(next++);
        }
    }
    return out;
}

// How many transactions wishes become when they are joined, by the rules of outbox/README.md told over the wishes: one ends with a pass, before
// a revocation of what it grants, at 100 calls, and at 12 million gas (100,000 and 80,000 for each grant or revocation).
class JointTransactions {
  public:
    void put(const Wish& wish) {
        const bool revokes = wish.kind == Wish::Kind::revoke || wish.kind == Wish::Kind::change;
        const int items = wish.kind == Wish::Kind::change ? 2 : 1;
        if (calls_ == 0 || calls_ == 100 || 100'000 + 80'000 * (items_ + items) > 12'000'000 || (revokes && granted_.contains(wish.consent))) {
            pass();
            ++count_;
        }
        ++calls_;
        items_ += items;
        if (wish.kind == Wish::Kind::change) granted_.insert(wish.also);
        if (!revokes) granted_.insert(wish.consent);
    }
    void pass() {
        granted_.clear();
        calls_ = items_ = 0;
    }
    std::uint64_t count() const { return count_; }

  private:
    std::set<int> granted_;
    int calls_ = 0, items_ = 0;  // of the one that takes more
    std::uint64_t count_ = 0;
};

// Patients' calls as the registry makes them.
struct Patients {
    explicit Patients(const ledger::Ledger& ledger)
        : contract(ledger.contracts().consent_ledger),
          separator(ethereum::domain_separator(ledger::consent_domain(ledger.chain_id(), contract))) {}
    Address contract;
    Hash separator;

    static ethereum::Signer key(int n) {
        return ethereum::Signer::from_secret(ethereum::keccak256("patient " + std::to_string(n))).value();
    }
    static Hash consent(int n) { return ethereum::keccak256("consent " + std::to_string(n)); }
    ledger::SignedGrant grant(int n, int signer = -1) const {
        ledger::Grant g{key(n).address(), consent(n), ethereum::keccak256("terms " + std::to_string(n)), 0, ledger::kNoEnd, ledger::kNoEnd};
        return {g, ethereum::to_bytes(key(signer < 0 ? n : signer).sign(ledger::grant_digest(separator, g)))};
    }
    ledger::SignedRevocation revocation(int n) const {
        const ledger::Revocation r{key(n).address(), consent(n)};
        return {r, ethereum::to_bytes(key(n).sign(ledger::revoke_digest(separator, r)))};
    }
    outbox::Call call(const ledger::ConsentCall& what) const { return {"consent", contract, ledger::encode_call(what), 300'000}; }
    outbox::Call granting(int n) const { return call(ledger::GrantCall{grant(n)}); }
    outbox::Call revoking(int n) const { return call(ledger::RevokeCall{revocation(n)}); }
    outbox::Call call_of(const Wish& wish) const {
        switch (wish.kind) {
            case Wish::Kind::revoke:
                return revoking(wish.consent);
            case Wish::Kind::change:
                return call(ledger::apply_batch({revocation(wish.consent)}, {grant(wish.also)}));
            case Wish::Kind::forge:
                return call(ledger::GrantCall{grant(wish.consent, wish.also)});
            case Wish::Kind::grant:
                break;
        }
        return granting(wish.consent);
    }
};

// An outbox with a store and keys of its own.
struct Writer {
    support::TempDir dir;
    std::unique_ptr<store::KeyRing> keys;
    std::unique_ptr<UnitStore> units;
    std::unique_ptr<Outbox> box;

    Writer(ledger::Ledger& ledger, const base::Clock& clock, bool join_embedded) {
        EXPECT_TRUE(store::KeyRing::init(dir.string(), clock));
        keys = std::move(store::KeyRing::open(dir.string(), clock).value());
        units = std::make_unique<UnitStore>(dir.string(), *keys);
        outbox::Options options;
        options.dir = dir.string();
        options.join_embedded = join_embedded;
        box = std::move(Outbox::open(options, *units, *keys, ledger, clock).value());
    }
    base::Status put(const outbox::Call& call) {
        return units->run_unit([&](store::Unit& unit) -> base::Status {
            const auto queued = box->enqueue(unit.database(), call);
            return queued ? base::Status{} : base::pass(queued);
        });
    }
};

inline std::vector<ledger::ConsentState> states_of(ledger::Ledger& ledger, const std::vector<Wish>& wishes) {
    int last = 0;
    for (const auto& wish : wishes) last = std::max({last, wish.consent, wish.also});
    std::vector<ledger::ConsentState> out;
    for (int n = 0; n <= last; ++n) out.push_back(ledger.consent_status(Patients::key(n).address(), Patients::consent(n)).value().state);
    return out;
}
// All grants and revocations that the ledger tells of. Skipped is left out: alone, the call reverts and says nothing.
inline std::multiset<std::vector<Hash>> said_by(ledger::Ledger& ledger) {
    std::multiset<std::vector<Hash>> out;
    const auto head = ledger.head().value().number;
    for (std::uint64_t from = 0; from <= head; from += ledger::kMaxLogBlocks) {
        const auto logs = ledger.logs(from, std::min(head, from + ledger::kMaxLogBlocks - 1)).value();
        for (const auto& log : logs) {
            const auto event = ledger::consent_event(log);
            if (event && *event && !std::holds_alternative<ledger::Skipped>(**event)) out.insert(log.topics);
        }
    }
    return out;
}

}  // namespace outbox_test
