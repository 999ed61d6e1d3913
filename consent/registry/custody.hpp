// What binds a Consent to its ledger entry: random salts, commitments made with them, and the key that signs for the patient.
// The ledger sees salted commitments, an address and coarse times of a Consent, never an id or a plain hash of it, which could be guessed.
// storage/FORMAT.md section 7 has the bytes.
#pragma once

#include "anchoring/ethereum/signer.hpp"
#include "anchoring/ledger/ledger.hpp"
#include "storage/store/key_ring.hpp"
#include "storage/store/record.hpp"

#include <memory>
#include <string_view>

namespace consent {

using Salt = std::array<std::uint8_t, 32>;

// SHA-256("fhir-consent-id" || salt || server id || Consent id || version), each text behind its length.
ledger::Hash consent_id_of(const Salt& salt, std::string_view server_id, std::string_view fhir_id, std::uint32_t version);
// HMAC-SHA-256(salt, stored bytes): without the salt nothing can be guessed back from the ledger.
ledger::Hash terms_hash_of(const Salt& salt, base::ByteView stored_body);

// What must go when the patient's key goes: with the salts the ledger's commitments lose their meaning.
struct Secrets {
    Salt id_salt{}, terms_salt{};
    base::Bytes revocation;  // signed when the grant was; never expires, so that revoking needs nobody's leave
};
base::Result<base::Bytes> seal_secrets(const crypto::Key& patient_key, const store::RecordId& record, std::uint32_t version,
                                       const Secrets& secrets);
// Error: Kind::corrupt when key, record or version differ, or any byte.
base::Result<Secrets> open_secrets(const crypto::Key& patient_key, const store::RecordId& record, std::uint32_t version,
                                   base::ByteView sealed);

// Signs a patient's grants and revocations. The custodial one holds a key for her; an own wallet's signatures will come in with the
// Consent (issue 2) and stand behind the same interface.
class PatientSigner {
  public:
    virtual ~PatientSigner() = default;
    virtual const ledger::Address& subject() const = 0;
    virtual base::Result<base::Bytes> sign(const ledger::Hash& digest) const = 0;
};

// The key is derived from the patient's data key, so that erasing the patient kills it; `contract` makes the address another one on
// another ledger, which keeps the two from being linked. Error: Kind::fault when the derived secret is no key (2^-128).
base::Result<std::unique_ptr<PatientSigner>> custodial_signer(const crypto::Key& patient_key, std::uint64_t chain_id,
                                                              const ledger::Address& contract);

}  // namespace consent
