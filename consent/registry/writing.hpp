// The write side: a Consent version becomes a call to ConsentLedger, in the unit of work that stores it. consent/README.md.
#pragma once

#include "anchoring/ledger/consent_ledger.hpp"
#include "anchoring/outbox/outbox.hpp"
#include "consent/registry/custody.hpp"
#include "consent/registry/follower.hpp"
#include "consent/registry/make_registry.hpp"
#include "consent/registry/table.hpp"

namespace consent {

class Writing {
  public:
    Writing(const RegistryOptions& options, store::Store& store, store::KeyRing& keys, const ledger::Ledger& ledger, outbox::Outbox& outbox,
            const base::Clock& clock, const Follower& follower);

    // As Registry::on_write. On the writer thread.
    base::Status write(store::Unit& unit, const json::Value* after, const std::string& id, std::uint32_t version,
                       base::ByteView stored_body);

    // As Registry::grant_again. On the writer thread.
    base::Result<bool> grant_again(store::Unit& unit, const json::Value& consent, const std::string& id, std::uint32_t version,
                                   base::ByteView stored_body);

  private:
    struct Prepared;  // one version on its way to the ledger
    base::Result<Prepared> prepare(store::Unit& unit, const ParsedConsent& parsed, const std::string& id, std::uint32_t version);
    base::Result<std::optional<ledger::SignedRevocation>> revocation_of(const LedgerRow& row);
    base::Result<ledger::SignedGrant> grant(Prepared& prepared, const ParsedConsent& parsed, base::ByteView stored_body);
    base::Status request(store::Unit& unit, const ParsedConsent& parsed, const std::string& id, std::uint32_t version,
                         base::ByteView stored_body);
    base::Status keep(store::Unit& unit, Prepared& prepared, std::uint64_t txn);
    std::uint64_t today_s() const;
    base::Result<std::uint64_t> enqueue(store::Unit& unit, const ledger::ConsentCall& call, std::uint64_t gas_limit, bool urgent);

    const RegistryOptions& options_;
    store::Store& store_;
    store::KeyRing& keys_;
    outbox::Outbox& outbox_;
    const base::Clock& clock_;
    const Follower& follower_;
    const std::uint64_t chain_id_;
    const ledger::Address contract_;
    const ledger::Hash separator_;
};

}  // namespace consent
