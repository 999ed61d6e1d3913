#include "consent/registry/custody.hpp"

#include "storage/crypto/aead.hpp"
#include "storage/crypto/hash.hpp"

namespace consent {
namespace {

constexpr std::uint8_t kSecretsVersion = 1;  // DO NOT CHANGE: stored

base::Bytes name_of(const store::RecordId& record, std::uint32_t version) {
    return base::Writer().raw(record).u32(version).take();
}

// One key for each row, so that no nonce budget is shared with the patient's records.
crypto::Key row_key(const crypto::Key& patient_key, base::ByteView name) {
    return crypto::hkdf_sha256(patient_key, name, "consent-secrets");
}

class Custodial final : public PatientSigner {
  public:
    explicit Custodial(ethereum::Signer signer) : signer_(std::move(signer)) {}
    const ledger::Address& subject() const override { return signer_.address(); }
    base::Result<base::Bytes> sign(const ledger::Hash& digest) const override { return ethereum::to_bytes(signer_.sign(digest)); }

  private:
    ethereum::Signer signer_;
};

}  // namespace

ledger::Hash consent_id_of(const Salt& salt, std::string_view server_id, std::string_view fhir_id, std::uint32_t version) {
    const auto named = base::Writer().sized(server_id).sized(fhir_id).u32(version).take();
    return crypto::sha256({base::as_bytes("fhir-consent-id"), salt, named});
}

ledger::Hash terms_hash_of(const Salt& salt, base::ByteView stored_body) {
    return crypto::hmac_sha256(salt, stored_body);
}

base::Result<base::Bytes> seal_secrets(const crypto::Key& patient_key, const store::RecordId& record, std::uint32_t version,
                                       const Secrets& secrets) {
    const auto name = name_of(record, version);
    auto plain =
        base::Writer().u8(kSecretsVersion).raw(secrets.id_salt).raw(secrets.terms_salt).sized(base::ByteView(secrets.revocation)).take();
    auto sealed = crypto::seal(row_key(patient_key, name), plain, name);
    base::wipe(plain);
    return sealed;
}

base::Result<Secrets> open_secrets(const crypto::Key& patient_key, const store::RecordId& record, std::uint32_t version,
                                   base::ByteView sealed) {
    const auto name = name_of(record, version);
    auto plain = crypto::open(row_key(patient_key, name), sealed, name);
    if (!plain) return base::pass(plain);
    base::Reader in(*plain);
    Secrets secrets;
    const auto layout = in.u8();
    secrets.id_salt = in.array<32>();
    secrets.terms_salt = in.array<32>();
    secrets.revocation = base::to_bytes(in.sized());
    const bool whole = in.done() && layout == kSecretsVersion;
    base::wipe(*plain);
    if (!whole) return base::fail(base::Kind::corrupt, "a registry row's secrets are of an unknown layout");
    return secrets;
}

base::Result<std::unique_ptr<PatientSigner>> custodial_signer(const crypto::Key& patient_key, std::uint64_t chain_id,
                                                              const ledger::Address& contract) {
    const auto salt = base::Writer().u64(chain_id).raw(contract.bytes).take();
    auto signer = ethereum::Signer::from_secret(crypto::hkdf_sha256(patient_key, salt, "consent-signer").view());
    if (!signer) return base::fail(base::Kind::fault, "a patient's derived signing key is not valid");
    return std::make_unique<Custodial>(std::move(*signer));
}

}  // namespace consent
