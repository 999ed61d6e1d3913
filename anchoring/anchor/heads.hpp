// The heads that were sent to the ledger, in a small database of their own (anchors.db): few rows, one each interval. FORMAT.md section 7.
#pragma once

#include "anchoring/outbox/outbox.hpp"
#include "anchoring/proof/anchor_record.hpp"
#include "storage/store/database.hpp"

#include <optional>
#include <vector>

namespace anchor {

struct AnchoredHead {
    std::uint64_t size = 0;
    proof::Digest root{};
    std::uint64_t outbox_id = 0;
    outbox::State state = outbox::State::queued;
    proof::Digest txn_hash{};
    std::uint64_t block_number = 0;  // from mined on
    proof::Digest block_hash{};
    base::TimeUs sent_us = 0;
};

// One thread at a time.
class Heads {
  public:
    // Makes the file and a random log id when they are absent. Errors: what the database gives.
    static base::Result<Heads> open(const std::string& path, const crypto::Key& key);
    const proof::Digest& log_id() const { return log_id_; }
    const std::vector<AnchoredHead>& all() const { return all_; }  // by size
    base::Status put(const AnchoredHead& head);                    // inserts, or replaces the one of this size
    base::Status drop(std::uint64_t size);

  private:
    explicit Heads(store::Database db) : db_(std::move(db)) {}
    base::Status load();
    store::Database db_;
    proof::Digest log_id_{};
    std::vector<AnchoredHead> all_;
};

}  // namespace anchor
