// One interface for where consents and anchors are written: embedded.hpp (the default) or an EVM node. Both take the same signed
// transactions and show the same events. Never called in the path of a read: decisions go by the registry's mirror.
#pragma once

#include "anchoring/ethereum/types.hpp"
#include "storage/base/clock.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ledger {

using ethereum::Address;
using ethereum::Hash;

// The chain id of every embedded ledger; no public chain has it. Embedded ledgers are told apart by their contracts' addresses, which
// come from each ledger's own block key.
inline constexpr std::uint64_t kEmbeddedChainId = 1262830405;

struct Contracts {
    Address consent_ledger;
    Address audit_anchor;
    bool operator==(const Contracts&) const = default;
};

// parent_hash lets a follower see a reorganisation.
struct BlockRef {
    std::uint64_t number = 0;
    Hash hash{};
    Hash parent_hash{};
    base::TimeUs time_us = 0;  // whole seconds
    bool operator==(const BlockRef&) const = default;
};

// What a contract says when it emits an event.
struct Event {
    Address address;
    std::vector<Hash> topics;
    base::Bytes data;
    bool operator==(const Event&) const = default;
};

struct Log : Event {
    std::uint64_t block_number = 0;
    Hash block_hash{};
    Hash txn_hash{};
    std::uint64_t index = 0;  // in its block
    bool operator==(const Log&) const = default;
};

struct Receipt {
    Hash txn_hash{};
    std::uint64_t block_number = 0;
    Hash block_hash{};
    bool success = false;
    std::string error;           // of a reverted transaction: the custom error's name, empty when the ledger cannot tell it
    std::uint64_t gas_used = 0;  // the embedded ledger models no gas: 0
    std::vector<Log> logs;
};

struct Submitted {
    Hash hash{};
    bool already_known = false;  // this very transaction was taken before: nothing new happens
    bool underpriced = false;    // NOT taken: the ledger wants higher fees, or has one with the same nonce that offers as much
};

struct Fees {
    std::uint64_t max_priority_fee_per_gas = 0;  // wei
    std::uint64_t max_fee_per_gas = 0;
};

// Only ever None -> Active -> Revoked, or None -> Revoked (a tombstone that blocks the grant).
enum class ConsentState : std::uint8_t { none = 0, active = 1, revoked = 2 };

// What ConsentLedger keeps for (subject, consentId), in one 256-bit word: see anchoring/contract/README.md. Times are seconds since
// 1970. Of a tombstone only changed_at counts.
struct ConsentStatus {
    ConsentState state = ConsentState::none;
    std::uint64_t not_before = 0;
    std::uint64_t not_after = 0;                  // the first second that is not covered; kNoEnd: open
    std::uint64_t changed_at = 0;                 // block time
    std::array<std::uint8_t, 13> terms_prefix{};  // the first 104 bits of termsHash
    bool operator==(const ConsentStatus&) const = default;
};
inline constexpr std::uint64_t kNoEnd = (std::uint64_t{1} << 48) - 1;

Hash pack(const ConsentStatus& status);
// Error: Kind::corrupt when the state is none of the three.
base::Result<ConsentStatus> unpack(const Hash& word);
// Whether terms_prefix is that of `terms_hash`.
bool has_terms(const ConsentStatus& status, const Hash& terms_hash);

// The last anchored head of a log.
struct Anchor {
    Address owner;
    std::uint64_t size = 0;  // 0: opened, nothing anchored yet
    Hash root{};
    std::uint64_t block_number = 0;  // where this head was anchored
    bool operator==(const Anchor&) const = default;
};

// For an operator, readiness and metrics.
struct Health {
    bool answers = true;              // now, when it was asked
    bool wrong_chain = false;         // answered, but for another chain: nothing is sent or believed
    std::string problem;              // for people; empty while it answers
    std::string endpoint;             // scheme, host and port in use; empty for the embedded ledger
    base::TimeUs last_answer_us = 0;  // 0: never, or the embedded ledger
    bool takes_fees = false;
    std::optional<ethereum::U256> relayer_balance_wei;  // when it takes fees and answers
};

// logs() takes at most so many blocks in one call.
inline constexpr std::uint64_t kMaxLogBlocks = 1000;

// Thread-safe. Every method may also fail with Kind::unavailable (no answer; ask again), Kind::corrupt (a stored block or row does not
// check) or Kind::fault (operating system).
class Ledger {
  public:
    virtual ~Ledger() = default;

    virtual std::uint64_t chain_id() const = 0;
    virtual Contracts contracts() const = 0;
    // No block below this one holds an event of the contracts: where a follower that knows nothing begins.
    virtual std::uint64_t first_block() const { return 0; }

    // Takes a signed transaction. It may still revert: see receipt(). Errors: Kind::conflict when the sender's nonce was used by another
    // transaction ("nonce too low"): look at the receipt of the one you know, and sign anew; Kind::invalid for a bad signature, another
    // chain's id, a nonce gap, a value, a recipient that the ledger does not know, or anything that does not decode; Kind::too_large.
    virtual base::Result<Submitted> submit(base::ByteView raw_transaction) = 0;
    // Nothing while it is not mined.
    virtual base::Result<std::optional<Receipt>> receipt(const Hash& txn_hash) = 0;

    virtual base::Result<BlockRef> head() = 0;
    // Nothing above the head.
    virtual base::Result<std::optional<BlockRef>> block(std::uint64_t number) = 0;
    // The highest block that no reorganisation can take back.
    virtual base::Result<std::uint64_t> finalized() = 0;
    // The two contracts' events in [from_block, to_block], in order; blocks above the head have none. Errors: Kind::too_large above
    // kMaxLogBlocks, Kind::invalid when from is above to.
    virtual base::Result<std::vector<Log>> logs(std::uint64_t from_block, std::uint64_t to_block) = 0;

    // The nonce of the sender's next transaction.
    virtual base::Result<std::uint64_t> transaction_count(const Address& sender) = 0;
    // What a transaction should offer now.
    virtual base::Result<Fees> fees() = 0;

    virtual base::Result<ConsentStatus> consent_status(const Address& subject, const Hash& consent_id) = 0;
    // Nothing when the log was never opened.
    virtual base::Result<std::optional<Anchor>> anchor_of(const Hash& log_id) = 0;
    // Whether the contract finds the leaf in the last anchored head; false for an unknown log too.
    virtual base::Result<bool> included(const Hash& log_id, std::uint64_t index, const Hash& leaf_hash, std::span<const Hash> path) = 0;

    // How the ledger is, and whether `relayer` can pay. Asks the ledger. Never fails: what is wrong is the answer.
    virtual Health health(const Address& relayer);
};

}  // namespace ledger
