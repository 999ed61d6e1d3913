#include "anchoring/chain/proofs.hpp"

namespace chain {

using base::Kind;

base::Result<proof::ProofFile> proof_of(AuditLog& log, std::uint64_t seq, bool with_event,
                                        const std::optional<proof::AnchorRecord>& anchor) {
    const auto stored = log.event(seq);
    if (!stored) return base::pass(stored);
    auto covering = log.checkpoint_covering(seq);
    if (!covering) return base::pass(covering);
    if (!*covering) {
        const auto made = log.checkpoint_now();
        if (!made) return base::pass(made);
        *covering = *made;
    }
    const auto& head = **covering;
    auto path = log.inclusion(seq, head.size);
    if (!path) return base::pass(path);

    proof::Extra extra;
    extra.entry = stored->entry;
    if (!stored->erased) extra.salt = stored->salt;
    if (with_event && !stored->erased) extra.event = stored->content;
    if (anchor) {
        if (anchor->size < head.size)
            return base::fail(Kind::invalid,
                              "the anchored tree of " + std::to_string(anchor->size) + " entries does not cover the checkpoint");
        auto way = log.consistency(head.size, anchor->size);
        if (!way) return base::pass(way);
        extra.anchor = *anchor;
        extra.anchor_path = std::move(*way);
    }
    return proof::ProofFile{extra.encode(), seq, std::move(*path), head.note};
}

base::Result<RangeReport> verify_range(AuditLog& log, std::uint64_t from_seq, std::uint64_t to_seq,
                                       const std::function<void(const RangeFinding&)>& each) {
    if (from_seq >= to_seq || to_seq > log.size())
        return base::fail(Kind::invalid, "the log has no entries " + std::to_string(from_seq) + " to " + std::to_string(to_seq));
    const auto head = log.checkpoint_now();
    if (!head) return base::pass(head);
    const auto key = proof::VerifierKey::parse(log.verifier_key());
    if (!key) return base::pass(key);
    const auto signed_head = proof::open_checkpoint(head->note, *key);
    if (!signed_head) return base::pass(signed_head);

    RangeReport report;
    report.checkpoint = *head;
    std::optional<proof::Entry> before;
    if (from_seq > 0) {
        const auto stored = log.event(from_seq - 1);
        if (stored) before = stored->entry;
    }
    for (auto seq = from_seq; seq < to_seq; ++seq, ++report.entries) {
        RangeFinding finding{seq, false, false, {}};
        const auto name = "entry " + std::to_string(seq);
        const auto stored = log.event(seq);  // opens it and checks the commitment
        const auto path = log.inclusion(seq, signed_head->size);
        if (!stored) {
            finding.sentence = stored.error().diagnostics;
        } else if (before && before->hash() != stored->entry.previous) {
            finding.sentence = "the chain is broken between entries " + std::to_string(seq - 1) + " and " + std::to_string(seq);
        } else if (!path ||
                   !proof::verify_inclusion(seq, signed_head->size, proof::leaf_hash(stored->entry.encode()), *path, signed_head->root)) {
            finding.sentence = name + ": it is not in the tree that the log's key signed";
        } else {
            finding.good = true;
            finding.erased = stored->erased;
            finding.sentence = stored->erased ? name + ": its content was erased; the entry holds" : name + ": unchanged";
        }
        before = stored ? std::optional(stored->entry) : std::nullopt;
        report.good += finding.good ? 1 : 0;
        report.erased += finding.erased ? 1 : 0;
        each(finding);
    }
    return report;
}

}  // namespace chain
