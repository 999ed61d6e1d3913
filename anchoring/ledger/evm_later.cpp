#include "anchoring/ledger/evm_later.hpp"

#include <chrono>

namespace ledger {

base::Result<std::shared_ptr<Evm>> EvmLater::chain() {
    const std::lock_guard lock(mutex_);
    if (chain_) return chain_;
    const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
    if (tried_ms_ != 0 && now - tried_ms_ < 1000) return tl::unexpected(why_);
    auto opened = Evm::open(options_);
    tried_ms_ = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
    if (!opened) {
        why_ = opened.error();
        return base::pass(opened);
    }
    chain_ = std::move(*opened);
    return chain_;
}

base::Result<Submitted> EvmLater::submit(base::ByteView raw) {
    const auto open = chain();
    return open ? (*open)->submit(raw) : base::Result<Submitted>(base::pass(open));
}
base::Result<std::optional<Receipt>> EvmLater::receipt(const Hash& txn_hash) {
    const auto open = chain();
    return open ? (*open)->receipt(txn_hash) : base::Result<std::optional<Receipt>>(base::pass(open));
}
base::Result<BlockRef> EvmLater::head() {
    const auto open = chain();
    return open ? (*open)->head() : base::Result<BlockRef>(base::pass(open));
}
base::Result<std::optional<BlockRef>> EvmLater::block(std::uint64_t number) {
    const auto open = chain();
    return open ? (*open)->block(number) : base::Result<std::optional<BlockRef>>(base::pass(open));
}
base::Result<std::uint64_t> EvmLater::finalized() {
    const auto open = chain();
    return open ? (*open)->finalized() : base::Result<std::uint64_t>(base::pass(open));
}
base::Result<std::vector<Log>> EvmLater::logs(std::uint64_t from_block, std::uint64_t to_block) {
    const auto open = chain();
    return open ? (*open)->logs(from_block, to_block) : base::Result<std::vector<Log>>(base::pass(open));
}
base::Result<std::uint64_t> EvmLater::transaction_count(const Address& sender) {
    const auto open = chain();
    return open ? (*open)->transaction_count(sender) : base::Result<std::uint64_t>(base::pass(open));
}
base::Result<Fees> EvmLater::fees() {
    const auto open = chain();
    return open ? (*open)->fees() : base::Result<Fees>(base::pass(open));
}
base::Result<ConsentStatus> EvmLater::consent_status(const Address& subject, const Hash& consent_id) {
    const auto open = chain();
    return open ? (*open)->consent_status(subject, consent_id) : base::Result<ConsentStatus>(base::pass(open));
}
base::Result<std::optional<Anchor>> EvmLater::anchor_of(const Hash& log_id) {
    const auto open = chain();
    return open ? (*open)->anchor_of(log_id) : base::Result<std::optional<Anchor>>(base::pass(open));
}
base::Result<bool> EvmLater::included(const Hash& log_id, std::uint64_t index, const Hash& leaf_hash, std::span<const Hash> path) {
    const auto open = chain();
    return open ? (*open)->included(log_id, index, leaf_hash, path) : base::Result<bool>(base::pass(open));
}

Health EvmLater::health(const Address& relayer) {
    const auto open = chain();
    if (open) return (*open)->health(relayer);
    Health out;
    out.answers = false;
    out.takes_fees = true;
    out.wrong_chain = open.error().kind == base::Kind::corrupt;
    out.problem = open.error().diagnostics;
    return out;
}

}  // namespace ledger
