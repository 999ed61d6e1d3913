// The embedded ledger's state: rows of key and value. What a block changes gathers in a State over what is stored, and is written with
// the block, or dropped.
//
//   'c' keccak256(abi.encode(subject, consentId))  ->  the packed word, 32 bytes (pack() in ledger.hpp)
//   'a' logId                                       ->  owner 20 | size u64 | block u64 | root 32
//   'n' sender                                      ->  the next nonce, u64
//   't' transaction hash                            ->  block u64 | index u32
#pragma once

#include "anchoring/ledger/ledger.hpp"

#include <map>
#include <memory>
#include <optional>

namespace ledger {

// Where rows come from.
class Rows {
  public:
    virtual ~Rows() = default;
    virtual base::Result<std::optional<base::Bytes>> row(base::ByteView key) = 0;
};

// Changes over other rows. Not thread-safe; `under` must outlive it.
class State final : public Rows {
  public:
    // A pointer, so that a layer over another State cannot be mistaken for a copy of it.
    explicit State(Rows* under) : under_(under) {}
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    base::Result<std::optional<base::Bytes>> row(base::ByteView key) override;
    void set(const base::Bytes& key, base::Bytes value) { changes_[key] = std::move(value); }
    // In the order of their keys.
    const std::map<base::Bytes, base::Bytes>& changes() const { return changes_; }

  private:
    Rows* under_;
    std::map<base::Bytes, base::Bytes> changes_;
};

// The rows by what they mean. Errors: what the Rows give, and Kind::corrupt when a value is not of its form.
base::Result<ConsentStatus> consent_row(Rows& rows, const Address& subject, const Hash& consent_id);
void set_consent_row(State& state, const Address& subject, const Hash& consent_id, const ConsentStatus& status);
base::Result<std::optional<Anchor>> anchor_row(Rows& rows, const Hash& log_id);
void set_anchor_row(State& state, const Hash& log_id, const Anchor& anchor);
base::Result<std::uint64_t> nonce_row(Rows& rows, const Address& sender);
void set_nonce_row(State& state, const Address& sender, std::uint64_t next);

struct TxnPlace {
    std::uint64_t block_number = 0;
    std::uint32_t index = 0;
};
base::Result<std::optional<TxnPlace>> txn_row(Rows& rows, const Hash& txn_hash);
void set_txn_row(State& state, const Hash& txn_hash, const TxnPlace& place);

// For reports: "consent 0x...", "log 0x...", "nonce 0x...", "transaction 0x...".
std::string row_name(base::ByteView key);

}  // namespace ledger
