#include "consent/registry/writing.hpp"

#include "storage/base/log.hpp"
#include "storage/crypto/random.hpp"

#include <algorithm>

namespace consent {

using base::Kind;

namespace {

constexpr std::uint64_t kDay = 86'400;
// How long the ledger may take to take a grant, and how long a provider's request stands. In whole days: what is on the ledger says
// when something happened only coarsely.
constexpr std::uint64_t kGrantDays = 30, kRequestDays = 90;

// Limits with room to spare over what the contract takes (tests/contracts/gas.json) and what a contract wallet's check adds.
constexpr std::uint64_t kRequestGas = 120'000, kGrantGas = 300'000, kRevokeGas = 250'000;

std::uint64_t seconds(base::TimeUs time) {
    return time <= 0 ? 0 : static_cast<std::uint64_t>(time / 1'000'000);
}
std::uint64_t day_of(std::uint64_t time_s) {
    return time_s / kDay * kDay;
}
std::uint64_t day_after(std::uint64_t time_s) {
    return day_of(time_s) + kDay;
}

// The rule's exact period decides; the ledger's is the same in whole days around it.
void coarse_period(const Rule& root, ledger::Grant& grant) {
    grant.not_before = root.begin == INT64_MIN ? 0 : day_of(seconds(root.begin));
    grant.not_after = ledger::kNoEnd;
    if (root.end != INT64_MAX) grant.not_after = std::min(ledger::kNoEnd, day_after(seconds(root.end)));
    if (grant.not_before >= grant.not_after) grant.not_before = grant.not_after - 1;
}

}  // namespace

struct Writing::Prepared {
    LedgerRow row;
    Secrets secrets;
    store::NamedKey key;
    std::unique_ptr<PatientSigner> signer;
};

Writing::Writing(const RegistryOptions& options, store::Store& store, store::KeyRing& keys, const ledger::Ledger& ledger,
                 outbox::Outbox& outbox, const base::Clock& clock, const Follower& follower)
    : options_(options),
      store_(store),
      keys_(keys),
      outbox_(outbox),
      clock_(clock),
      follower_(follower),
      chain_id_(ledger.chain_id()),
      contract_(ledger.contracts().consent_ledger),
      separator_(ethereum::domain_separator(ledger::consent_domain(chain_id_, contract_))) {}

// The end of the day on the ledger's clock. Block time never runs back: when this machine's clock was ahead once, an embedded ledger's blocks
// stay ahead, and a deadline by the mended clock would have passed for them before it is read.
std::uint64_t Writing::today_s() const {
    return day_after(seconds(std::max(clock_.now_us(), follower_.head_time_us())));
}

base::Result<std::uint64_t> Writing::enqueue(store::Unit& unit, const ledger::ConsentCall& call, std::uint64_t gas_limit, bool urgent) {
    const auto queued = outbox_.enqueue(unit.database(), {"consent", contract_, ledger::encode_call(call), gas_limit, urgent});
    if (!queued) return base::pass(queued);
    return queued->id;
}

base::Result<Writing::Prepared> Writing::prepare(store::Unit& unit, const ParsedConsent& parsed, const std::string& id,
                                                 std::uint32_t version) {
    if (parsed.patient.empty()) {
        return base::fail(Kind::unprocessable, "a Consent that goes to the ledger must name its patient as Patient/[id] of this server",
                          {"Consent.patient"});
    }
    const auto patient = unit.current("Patient", parsed.patient);
    if (!patient) return base::pass(patient);
    if (!*patient || (*patient)->version.deleted) {
        return base::fail(Kind::unprocessable, "the patient of this Consent is not known here", {"Consent.patient"});
    }
    auto key = keys_.patient_key(parsed.patient, store::KeyUse::data);
    if (!key) return base::pass(key);
    auto signer = custodial_signer(*key->key, chain_id_, contract_);
    if (!signer) return base::pass(signer);
    Prepared out;
    out.row.record = store_.record_id("Consent", id);
    out.row.version = version;
    out.row.patient = store_.record_id("Patient", parsed.patient);
    out.row.key = key->id;
    out.secrets.id_salt = crypto::random_array<32>();
    out.secrets.terms_salt = crypto::random_array<32>();
    out.row.consent_id = consent_id_of(out.secrets.id_salt, options_.server_id, id, version);
    out.key = std::move(*key);
    out.signer = std::move(*signer);
    return out;
}

base::Result<ledger::SignedGrant> Writing::grant(Prepared& p, const ParsedConsent& parsed, base::ByteView stored_body) {
    p.row.terms_hash = terms_hash_of(p.secrets.terms_salt, stored_body);
    ledger::SignedGrant out;
    out.grant.subject = p.row.subject = p.signer->subject();
    out.grant.consent_id = p.row.consent_id;
    out.grant.terms_hash = p.row.terms_hash;
    out.grant.deadline = today_s() + kGrantDays * kDay;
    coarse_period(*parsed.root, out.grant);
    auto signature = p.signer->sign(ledger::grant_digest(separator_, out.grant));
    if (!signature) return base::pass(signature);
    out.signature = std::move(*signature);
    auto revocation = p.signer->sign(ledger::revoke_digest(separator_, {p.row.subject, p.row.consent_id}));
    if (!revocation) return base::pass(revocation);
    p.secrets.revocation = std::move(*revocation);
    p.row.intent = Intent::grant;
    p.row.not_before = out.grant.not_before;
    p.row.not_after = out.grant.not_after;
    return out;
}

// Nothing when the patient was erased: the signature went with the key, and the salts that gave the ledger's entry a meaning.
base::Result<std::optional<ledger::SignedRevocation>> Writing::revocation_of(const LedgerRow& row) {
    const auto key = keys_.by_id(row.key);
    if (!key && key.error().kind == Kind::gone) return std::optional<ledger::SignedRevocation>{};
    if (!key) return base::pass(key);
    auto secrets = open_secrets(*key->key, row.record, row.version, row.sealed);
    if (!secrets) return base::pass(secrets);
    return std::optional(ledger::SignedRevocation{{row.subject, row.consent_id}, std::move(secrets->revocation)});
}

// A provider asks: the ledger keeps an event, nothing else.
base::Status Writing::request(store::Unit& unit, const ParsedConsent& parsed, const std::string& id, std::uint32_t version,
                              base::ByteView stored_body) {
    auto p = prepare(unit, parsed, id, version);
    if (!p) return base::pass(p);
    p->row.intent = Intent::request;
    p->row.terms_hash = terms_hash_of(p->secrets.terms_salt, stored_body);
    const std::uint64_t expires = today_s() + kRequestDays * kDay;
    const auto txn = enqueue(unit, ledger::RequestCall{p->row.consent_id, p->row.terms_hash, expires}, kRequestGas, false);
    if (!txn) return base::pass(txn);
    auto sealed = seal_secrets(*p->key.key, p->row.record, version, p->secrets);
    if (!sealed) return base::pass(sealed);
    p->row.txn = *txn;
    p->row.sealed = std::move(*sealed);
    return insert_row(unit.database(), p->row);
}

base::Status Writing::write(store::Unit& unit, const json::Value* after, const std::string& id, std::uint32_t version,
                            base::ByteView stored_body) {
    std::optional<ParsedConsent> parsed;
    if (after) {
        auto read = parse_consent(*after, options_.parse);
        if (!read) return base::pass(read);
        parsed = std::move(*read);
        for (const auto& finding : parsed->findings) {
            base::log::info("a Consent version denies all it covers: " + finding.place + " " + finding.reason);
        }
    }
    // What the ledger holds or will hold of earlier versions, whatever `before` says: the rows are what was signed.
    const auto standing = granted_rows(unit.database(), store_.record_id("Consent", id));
    if (!standing) return base::pass(standing);
    std::vector<ledger::SignedRevocation> revocations;
    for (const auto& row : *standing) {
        auto revocation = revocation_of(row);
        if (!revocation) return base::pass(revocation);
        if (*revocation) revocations.push_back(std::move(**revocation));
    }
    if (parsed && parsed->status == "proposed") {
        if (auto done = request(unit, *parsed, id, version, stored_body); !done) return done;
    }

    std::optional<Prepared> granting;
    std::vector<ledger::SignedGrant> grants;
    if (parsed && parsed->active()) {
        auto prepared = prepare(unit, *parsed, id, version);
        if (!prepared) return base::pass(prepared);
        auto signed_grant = grant(*prepared, *parsed, stored_body);
        if (!signed_grant) return base::pass(signed_grant);
        granting = std::move(*prepared);
        grants.push_back(std::move(*signed_grant));
    }
    std::uint64_t txn = 0;
    if (!revocations.empty() || !grants.empty()) {
        // A change is one transaction: there is no block in which neither the old nor the new terms stand.
        const auto call = revocations.empty()                         ? ledger::ConsentCall(ledger::GrantCall{grants.front()})
                          : grants.empty() && revocations.size() == 1 ? ledger::ConsentCall(ledger::RevokeCall{revocations.front()})
                                                                      : ledger::ConsentCall(ledger::apply_batch(revocations, grants));
        const std::uint64_t gas = grants.size() * kGrantGas + revocations.size() * kRevokeGas;
        const auto queued = enqueue(unit, call, gas, !revocations.empty());
        if (!queued) return base::pass(queued);
        txn = *queued;
    }
    for (const auto& row : *standing) {
        if (auto done = mark_revoked(unit.database(), row, txn); !done) return done;
    }
    return granting ? keep(unit, *granting, txn) : base::Status{};
}

base::Status Writing::keep(store::Unit& unit, Prepared& prepared, std::uint64_t txn) {
    auto sealed = seal_secrets(*prepared.key.key, prepared.row.record, prepared.row.version, prepared.secrets);
    if (!sealed) return base::pass(sealed);
    prepared.row.sealed = std::move(*sealed);
    prepared.row.txn = txn;
    return insert_row(unit.database(), prepared.row);
}

// The revocation that was signed in advance names the other ledger's contract and means nothing here, and neither does the subject's
// address: so everything is made anew, and the old row is only kept.
base::Result<bool> Writing::grant_again(store::Unit& unit, const json::Value& consent, const std::string& id, std::uint32_t version,
                                        base::ByteView stored_body) {
    const auto parsed = parse_consent(consent, options_.parse);
    if (!parsed) return base::pass(parsed);
    auto prepared = prepare(unit, *parsed, id, version);
    if (!prepared) return base::pass(prepared);
    const auto standing = granted_rows(unit.database(), prepared->row.record);
    if (!standing) return base::pass(standing);
    const auto& subject = prepared->signer->subject();
    for (const auto& row : *standing) {
        if (row.subject == subject) return false;
        if (auto done = set_aside(unit.database(), row); !done) return base::pass(done);
    }
    if (standing->empty() || !parsed->active()) return false;
    const auto signed_grant = grant(*prepared, *parsed, stored_body);
    if (!signed_grant) return base::pass(signed_grant);
    const auto txn = enqueue(unit, ledger::GrantCall{*signed_grant}, kGrantGas, false);
    if (!txn) return base::pass(txn);
    if (auto kept = keep(unit, *prepared, *txn); !kept) return base::pass(kept);
    return true;
}

}  // namespace consent
