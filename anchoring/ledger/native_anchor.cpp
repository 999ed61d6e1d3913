#include "anchoring/ledger/audit_anchor.hpp"
#include "anchoring/ledger/contracts_native.hpp"

namespace ledger {
namespace {

Outcome revert(std::string_view error) {
    return {true, std::string(error), {}};
}

}  // namespace

struct NativeAuditAnchor::Run {
    const NativeAuditAnchor& contract;
    const Call& call;
    State& state;

    Outcome said(const AnchorEvent& event) const { return {false, {}, {to_event(contract.self_, event)}}; }

    base::Result<Outcome> operator()(const OpenCall& c) {
        const auto before = anchor_row(state, c.log_id);
        if (!before) return base::pass(before);
        if (*before) return revert(error::kAlreadyOpen);
        set_anchor_row(state, c.log_id, Anchor{call.sender, 0, {}, 0});
        return said(Opened{c.log_id, call.sender});
    }

    base::Result<Outcome> operator()(const RotateOwnerCall& c) {
        const auto before = anchor_row(state, c.log_id);
        if (!before) return base::pass(before);
        if (!*before) return revert(error::kUnknownLog);
        if ((*before)->owner != call.sender) return revert(error::kNotOwner);
        if (c.new_owner.is_zero()) return revert(error::kZeroOwner);
        auto after = **before;
        after.owner = c.new_owner;
        set_anchor_row(state, c.log_id, after);
        return said(OwnerRotated{c.log_id, call.sender, c.new_owner});
    }

    base::Result<Outcome> operator()(const AnchorCall& c) {
        const auto before = anchor_row(state, c.log_id);
        if (!before) return base::pass(before);
        if (!*before) return revert(error::kUnknownLog);
        const auto& last = **before;
        if (last.owner != call.sender) return revert(error::kNotOwner);
        if (c.size <= last.size) return revert(error::kNotGrowing);
        // The first anchor extends nothing, so there is nothing to prove.
        const bool good = last.size == 0 ? c.consistency_proof.empty()
                                         : contract.checks_.consistency(last.size, last.root, c.size, c.root, c.consistency_proof);
        if (!good) return revert(error::kBadConsistencyProof);
        set_anchor_row(state, c.log_id, Anchor{last.owner, c.size, c.root, call.block_number});
        return said(Anchored{c.log_id, c.size, c.root});
    }
};

NativeAuditAnchor::NativeAuditAnchor(const Address& self, ProofChecks checks) : self_(self), checks_(std::move(checks)) {
    CHECK(checks_.consistency && checks_.inclusion);
}

base::Result<Outcome> NativeAuditAnchor::execute(const Call& call, State& state) const {
    const auto decoded = decode_anchor_call(call.data);
    if (!decoded) return revert({});
    Run run{*this, call, state};
    return std::visit(run, *decoded);
}

base::Result<bool> NativeAuditAnchor::included(Rows& rows, const Hash& log_id, std::uint64_t index, const Hash& leaf,
                                               std::span<const Hash> path) const {
    const auto anchor = anchor_row(rows, log_id);
    if (!anchor) return base::pass(anchor);
    return *anchor && checks_.inclusion(index, (*anchor)->size, leaf, path, (*anchor)->root);
}

}  // namespace ledger
