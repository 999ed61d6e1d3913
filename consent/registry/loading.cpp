#include "consent/registry/loading.hpp"

#include "consent/registry/custody.hpp"
#include "storage/base/log.hpp"

#include <algorithm>

namespace consent {

using base::Kind;

namespace {

constexpr std::int64_t kSecondUs = 1'000'000;

base::TimeUs in_us(std::uint64_t time_s) {
    return time_s >= static_cast<std::uint64_t>(INT64_MAX / kSecondUs) ? INT64_MAX : static_cast<base::TimeUs>(time_s) * kSecondUs;
}

}  // namespace

Loading::Loading(const RegistryOptions& options, store::Store& store, store::KeyRing& keys, store::Database& reader,
                 std::mutex& reader_mutex)
    : options_(options), store_(store), keys_(keys), reader_(reader), reader_mutex_(reader_mutex) {}

base::Result<std::optional<LedgerRow>> Loading::row_of(const store::Record& record) {
    std::lock_guard lock(reader_mutex_);
    return find_row(reader_, store_.record_id("Consent", record.id), record.version.version);
}

// Whether a permit of this version counts: granted on the ledger at the wanted finality, not revoked by anyone, within the granted time,
// and the stored bytes are the ones whose commitment was signed: grants wait for the ledger, revocations do not.
base::Result<Loading::Terms> Loading::terms(const store::Record& record, const MirrorState& mirror) {
    Terms out;
    const auto row = row_of(record);
    if (!row) return base::pass(row);
    if (!*row || (*row)->revoked() || (*row)->intent != Intent::grant || !(*row)->granted_block) return out;
    const LedgerRow& granted = **row;
    if (mirror.wait_for_finality && *granted.granted_block > mirror.finalized) return out;
    const auto key = keys_.by_id(granted.key);
    if (!key && key.error().kind == Kind::gone) return out;
    if (!key) return base::pass(key);
    const auto secrets = open_secrets(*key->key, granted.record, granted.version, granted.sealed);
    const bool same = secrets && terms_hash_of(secrets->terms_salt, base::as_bytes(record.body)) == granted.granted_terms &&
                      granted.terms_hash == granted.granted_terms;
    if (!same) {
        base::log::error("ALARM: a stored Consent (version " + std::to_string(granted.version) +
                         ") does not hash to its terms on the ledger; its permits are not honoured");
        return out;
    }
    const base::TimeUs begin = in_us(granted.not_before), end = in_us(granted.not_after);
    out.effective = begin <= mirror.now && mirror.now < end;
    if (mirror.now < begin)
        out.changes_at = begin;
    else if (mirror.now < end)
        out.changes_at = end;
    return out;
}

base::Status Loading::add(const store::Record& record, const std::string& patient, const MirrorState& mirror, ViewCache::Loaded& out) {
    const std::string reference = "Consent/" + record.id + "/_history/" + std::to_string(record.version.version);
    const auto tree = json::parse(record.body);
    if (!tree) return base::fail(Kind::corrupt, "a stored Consent does not parse");
    const auto parsed = parse_consent(*tree, options_.parse);
    if (!parsed) return base::pass(parsed);
    if (!parsed->active() || !parsed->applicable) return {};
    const auto terms = this->terms(record, mirror);
    if (!terms) return base::pass(terms);
    auto consent = to_active(*parsed, reference, terms->effective);
    // It lies in this patient's compartment: if its own word on the patient differs or was not understood, it is a doubt about this one.
    if (consent.patient != patient) consent.understood = false;
    consent.patient = patient;
    out.valid_until = std::min(out.valid_until, terms->changes_at);
    out.view->consents.push_back(std::move(consent));
    return {};
}

base::Result<ViewCache::Loaded> Loading::load(const std::string& patient, const MirrorState& mirror) {
    ViewCache::Loaded out;
    out.view = std::make_shared<Registry::View>();
    out.patient = store_.record_id("Patient", patient);
    auto duty = store::AuditDuty::exempt("consent decision");
    auto snapshot = store_.snapshot(duty);
    if (!snapshot) return base::pass(snapshot);
    store::Query query;
    query.type = "Consent";
    query.only_patients = std::vector<std::string>{patient};
    query.limit = 100;
    for (;;) {
        const auto hits = (*snapshot)->search(query, [](const store::Candidate&) { return true; });
        if (!hits) return base::pass(hits);
        for (const auto& hit : hits->rows) {
            if (hit.deleted) continue;
            const auto record = (*snapshot)->fetch(hit);
            if (!record && record.error().kind == Kind::gone) {
                // Erased with the patient: nothing of the record opens any more, and what it denied stays denied.
                out.view->consents.push_back({"Consent/" + hit.id, patient, false, false, nullptr});
                continue;
            }
            if (!record) return base::pass(record);
            if (auto done = add(*record, patient, mirror, out); !done) return base::pass(done);
        }
        if (!hits->more || hits->rows.empty()) return out;
        query.before_seq = hits->rows.back().seq;
    }
}

}  // namespace consent
