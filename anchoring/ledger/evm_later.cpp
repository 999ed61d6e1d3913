#include "anchoring/ledger/evm_later.hpp"

namespace ledger {

base::Result<std::shared_ptr<Evm>> EvmLater::chain() {
    constexpr auto kBetweenTries = std::chrono::seconds(1);
    const std::lock_guard lock(mutex_);
    if (chain_) return chain_;
    if (tried_ && std::chrono::steady_clock::now() - *tried_ < kBetweenTries) return tl::unexpected(why_);
    auto opened = Evm::open(options_);
    tried_ = std::chrono::steady_clock::now();  // after it: a node that is away may take the whole time-out
    if (!opened) {
        why_ = opened.error();
        return base::pass(opened);
    }
    chain_ = std::move(*opened);
    return chain_;
}

template <class Question>
auto EvmLater::ask(Question question) -> decltype(question(std::declval<Evm&>())) {
    const auto open = chain();
    if (!open) return base::pass(open);
    return question(**open);
}

base::Result<Submitted> EvmLater::submit(base::ByteView raw) {
    return ask([&](Evm& evm) { return evm.submit(raw); });
}
base::Result<std::optional<Receipt>> EvmLater::receipt(const Hash& txn_hash) {
    return ask([&](Evm& evm) { return evm.receipt(txn_hash); });
}
base::Result<BlockRef> EvmLater::head() {
    return ask([](Evm& evm) { return evm.head(); });
}
base::Result<std::optional<BlockRef>> EvmLater::block(std::uint64_t number) {
    return ask([&](Evm& evm) { return evm.block(number); });
}
base::Result<std::uint64_t> EvmLater::finalized() {
    return ask([](Evm& evm) { return evm.finalized(); });
}
base::Result<std::vector<Log>> EvmLater::logs(std::uint64_t from_block, std::uint64_t to_block) {
    return ask([&](Evm& evm) { return evm.logs(from_block, to_block); });
}
base::Result<std::uint64_t> EvmLater::transaction_count(const Address& sender) {
    return ask([&](Evm& evm) { return evm.transaction_count(sender); });
}
base::Result<Fees> EvmLater::fees() {
    return ask([](Evm& evm) { return evm.fees(); });
}
base::Result<ConsentStatus> EvmLater::consent_status(const Address& subject, const Hash& consent_id) {
    return ask([&](Evm& evm) { return evm.consent_status(subject, consent_id); });
}
base::Result<std::optional<Anchor>> EvmLater::anchor_of(const Hash& log_id) {
    return ask([&](Evm& evm) { return evm.anchor_of(log_id); });
}
base::Result<bool> EvmLater::included(const Hash& log_id, std::uint64_t index, const Hash& leaf_hash, std::span<const Hash> path) {
    return ask([&](Evm& evm) { return evm.included(log_id, index, leaf_hash, path); });
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
