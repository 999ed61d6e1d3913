// The registry's rows in records.db: for each Consent version that went to the ledger, what was said there and what the ledger shows.
// Only opaque names: record ids (keyed hashes), random commitments, and a blob sealed under the patient's key.
#pragma once

#include "anchoring/ledger/consent_events.hpp"
#include "anchoring/ledger/ledger.hpp"
#include "storage/store/database.hpp"
#include "storage/store/record.hpp"

#include <optional>
#include <vector>

namespace consent {

using ledger::Address;
using ledger::Hash;

enum class Intent : std::uint8_t { request = 1, grant = 2, revoke = 3 };  // DO NOT CHANGE: stored
enum class SignedBy : std::uint8_t { custodial = 1, patient = 2 };        // DO NOT CHANGE: stored

struct LedgerRow {
    store::RecordId record{};  // of the Consent
    std::uint32_t version = 0;
    store::RecordId patient{};  // of the Patient
    store::KeyId key{};         // what the blob is sealed under
    base::Bytes sealed;         // salts and the revocation signed in advance (custody.hpp)
    Hash consent_id{};          // or the request's id
    Hash terms_hash{};
    Address subject;
    SignedBy signer = SignedBy::custodial;
    Intent intent = Intent::request;
    std::uint64_t txn = 0;                    // outbox row of the request or grant
    std::optional<std::uint64_t> revoke_txn;  // outbox row of the revocation; 0 when it could not be sent (the key is gone)
    std::uint64_t not_before = 0, not_after = 0;
    // The mirror: what the ledger showed, rolled back with its blocks.
    std::optional<std::uint64_t> granted_block, revoked_block;
    Hash granted_terms{};

    // Revocations count at once, signed here or seen there.
    bool revoked() const { return intent == Intent::revoke || revoke_txn.has_value() || revoked_block.has_value(); }
};

base::Status make_registry_tables(store::Database& database);
base::Status insert_row(store::Database& database, const LedgerRow& row);
// The version's row; without a version the newest.
base::Result<std::optional<LedgerRow>> find_row(store::Database& database, const store::RecordId& record,
                                                std::optional<std::uint32_t> version);
// Versions that were granted and not revoked since.
base::Result<std::vector<LedgerRow>> granted_rows(store::Database& database, const store::RecordId& record);
base::Status mark_revoked(store::Database& database, const LedgerRow& row, std::uint64_t outbox_id);
// Moves a row out of the way, into a table that is only kept: what an earlier ledger was told of this version.
base::Status set_aside(store::Database& database, const LedgerRow& row);

// The mirror. Both give the patient whose row changed; nothing when it is no row of ours.
base::Result<std::optional<store::RecordId>> apply_event(store::Database& database, const ledger::ConsentEvent& event, std::uint64_t block);
// Forgets what blocks above `block` said. Gives the patients.
base::Result<std::vector<store::RecordId>> roll_back(store::Database& database, std::optional<std::uint64_t> block);
// Patients with grants in (above, up_to].
base::Result<std::vector<store::RecordId>> granted_between(store::Database& database, std::uint64_t above, std::uint64_t up_to);

// Where the follower stands: hashes of the last blocks it saw, newest last, of the ledger with this identity.
struct Followed {
    std::uint64_t number = 0;
    Hash hash{};
};
base::Result<std::vector<Followed>> load_followed(store::Database& database, base::ByteView ledger_identity);
// Empty when none was followed yet. Both may be asked of a database that has no registry tables.
base::Result<base::Bytes> followed_identity(store::Database& database);
// Grants that were not revoked, while the rows follow a ledger of another identity; 0 when they follow this one, or none yet.
base::Result<std::size_t> grants_elsewhere(store::Database& database, base::ByteView ledger_identity);
base::Status save_followed(store::Database& database, base::ByteView ledger_identity, const std::vector<Followed>& blocks);

}  // namespace consent
