// A ledger that is elsewhere and is not asked: for tools that open a data directory without a network (fsck, reindex, backup).
#pragma once

#include "anchoring/ledger/ledger.hpp"

namespace ledger {

// Knows which ledger it stands for; every question is answered Kind::unavailable.
class Silent final : public Ledger {
  public:
    Silent(std::uint64_t chain_id, const Contracts& contracts) : chain_id_(chain_id), contracts_(contracts) {}
    std::uint64_t chain_id() const override { return chain_id_; }
    Contracts contracts() const override { return contracts_; }
    base::Result<Submitted> submit(base::ByteView) override { return silence(); }
    base::Result<std::optional<Receipt>> receipt(const Hash&) override { return silence(); }
    base::Result<BlockRef> head() override { return silence(); }
    base::Result<std::optional<BlockRef>> block(std::uint64_t) override { return silence(); }
    base::Result<std::uint64_t> finalized() override { return silence(); }
    base::Result<std::vector<Log>> logs(std::uint64_t, std::uint64_t) override { return silence(); }
    base::Result<std::uint64_t> transaction_count(const Address&) override { return silence(); }
    base::Result<Fees> fees() override { return silence(); }
    base::Result<ConsentStatus> consent_status(const Address&, const Hash&) override { return silence(); }
    base::Result<std::optional<Anchor>> anchor_of(const Hash&) override { return silence(); }
    base::Result<bool> included(const Hash&, std::uint64_t, const Hash&, std::span<const Hash>) override { return silence(); }

  private:
    static tl::unexpected<base::Error> silence() {
        return base::fail(base::Kind::unavailable, "the ledger is a chain elsewhere, and this tool asks nobody");
    }
    const std::uint64_t chain_id_;
    const Contracts contracts_;
};

}  // namespace ledger
