// What the auditor holds that does not come from the server: its key, and what the ledger says.
#pragma once

#include "anchoring/proof/anchor_record.hpp"
#include "anchoring/proof/note.hpp"
#include "storage/base/clock.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace kedge_verify {

// What ConsentLedger said of one consent, or what it holds.
struct ConsentRecord {
    enum class Says : std::uint8_t {
        granted,
        revoked,
        state,  // asked at a block: what held there, so also that nothing else had happened until then
    };
    Says says = Says::granted;
    std::string state;  // of Says::state: none, active, revoked
    std::uint64_t chain_id = 0;
    std::array<std::uint8_t, 20> contract{}, subject{};
    proof::Digest consent_id{}, terms_hash{};     // of Says::state only the first 13 bytes of terms_hash are known
    std::uint64_t not_before = 0, not_after = 0;  // seconds since 1970
    std::uint64_t time_s = 0;                     // of the block
    std::uint64_t changed_s = 0;                  // of Says::state: when the contract last changed it; 0: never
    std::uint64_t block_number = 0;
    proof::Digest block_hash{}, tx_hash{};
    bool final = false;
};

// An anchor and, when its transaction was saved with it, the consistency proof that the contract checked.
struct SavedAnchor {
    proof::AnchorRecord record;
    std::optional<std::vector<proof::Digest>> consistency;
};

// A version of a record whose hash somebody says they saw: shown when a proven write set holds it.
struct RecordClaim {
    std::array<std::uint8_t, 16> record{};
    std::uint32_t version = 0;
    proof::Digest ciphertext_hash{};
};

struct Evidence {
    std::optional<proof::VerifierKey> key;
    std::vector<SavedAnchor> anchors;
    std::vector<ConsentRecord> consents;
    std::vector<RecordClaim> records;
    std::optional<base::TimeUs> at;    // the time that a Consent's state is asked for; none: the newest that the ledger's records show
    std::vector<std::string> trusted;  // sentences: what all this rests on
    // Where more about a consent is found, when it is needed; empty: nowhere.
    std::function<base::Status(const proof::Digest& consent_id, Evidence&)> look_up;

    std::vector<proof::AnchorRecord> anchor_records() const;
};

}  // namespace kedge_verify
