#include "anchoring/proof/verify.hpp"

#include "storage/base/encoding.hpp"

namespace proof {
namespace {

std::string entry_name(const Entry& entry) {
    return "entry " + std::to_string(entry.seq);
}

// Keeps entry and tree size, which tell people which event is meant.
Verdict refuse(Verdict verdict, std::string why) {
    verdict.proven = false;
    verdict.tier = Tier::none;
    verdict.sentence = std::move(why);
    return verdict;
}

// The event is what the entry commits to. Empty when it is; else the sentence.
std::string check_commit(const std::optional<base::ByteView>& event, const Extra& extra, Verdict& verdict) {
    const auto name = entry_name(extra.entry);
    if (!event && !extra.event) {
        verdict.erased = !extra.salt;
        return extra.salt ? "no event was given for " + name + ", and the proof does not hold it" : std::string();
    }
    if (!extra.salt) return "the proof of " + name + " has no salt: its event was erased, so this one cannot be checked";
    const auto content = event ? *event : base::as_bytes(*extra.event);
    if (commit_of(*extra.salt, content) != extra.entry.commit)
        return name + ": the event was changed; it does not match the commitment in the log";
    return {};
}

}  // namespace

std::string_view to_string(Tier tier) {
    switch (tier) {
        case Tier::none:
            return "NONE";
        case Tier::chained:
            return "CHAINED";
        case Tier::signed_head:
            return "SIGNED";
        case Tier::anchored:
            return "ANCHORED";
        case Tier::final:
            return "FINAL";
    }
    return "NONE";
}

Verifier::Verifier(std::optional<VerifierKey> key, std::vector<AnchorRecord> anchors) : key_(std::move(key)) {
    for (auto& anchor : anchors) {
        const auto size = anchor.size;
        anchors_.emplace(size, std::move(anchor));
    }
}

base::Result<Checkpoint> Verifier::read_checkpoint(const std::string& note) {
    if (key_) return open_checkpoint(note, *key_);
    const auto text = note_text(note);
    if (!text) return base::pass(text);
    return parse_checkpoint_text(*text);
}

const base::Result<Checkpoint>& Verifier::checkpoint(const std::string& note) {
    {
        const std::lock_guard lock(mutex_);
        const auto known = notes_.find(note);
        if (known != notes_.end()) return known->second;
    }
    auto read = read_checkpoint(note);  // a signature takes its time: other threads go on
    const std::lock_guard lock(mutex_);
    if (read) {
        const auto [at, first] = signed_roots_.emplace(read->size, read->root);
        if (!first && at->second != read->root) {
            read = base::fail(base::Kind::invalid,
                              "the log shows two different trees of " + std::to_string(read->size) + " entries: its history was forked");
        }
    }
    return notes_.emplace(note, std::move(read)).first->second;
}

const base::Result<Checkpoint>& Verifier::checkpoint(const std::string& note, Scratch& scratch) {
    if (scratch.head == nullptr || scratch.note != note) {
        scratch.head = &checkpoint(note);
        scratch.note = note;
    }
    return *scratch.head;
}

base::Status Verifier::raise(const Checkpoint& head, const Extra& extra, Verdict& verdict, Scratch& scratch) const {
    if (anchors_.empty()) return {};
    const auto other_log = [&](const AnchorRecord& r) { return extra.anchor && r.log_id != extra.anchor->log_id; };
    const auto take = [&](const AnchorRecord& r) {
        const auto tier = r.final ? Tier::final : Tier::anchored;
        if (tier <= verdict.tier) return;
        verdict.tier = tier;
        verdict.sentence = "; the ledger holds the root of " + std::to_string(r.size) + " entries in block " +
                           std::to_string(r.block_number) + " (transaction 0x" + base::to_hex(r.tx_hash) + ")";
    };
    const auto [first, last] = anchors_.equal_range(head.size);
    for (auto at = first; at != last; ++at) {
        if (other_log(at->second)) continue;
        if (at->second.root != head.root) {
            return base::fail(base::Kind::invalid, "the ledger holds another root for the tree of " + std::to_string(head.size) +
                                                       " entries: history was rewritten");
        }
        take(at->second);
    }
    if (!extra.anchor || extra.anchor->size == head.size) return {};
    const auto [from, to] = anchors_.equal_range(extra.anchor->size);
    for (auto at = from; at != to; ++at) {
        if (other_log(at->second)) continue;
        const bool seen = scratch.consistent_to == &at->second && scratch.consistent_from == head.size &&
                          scratch.consistent_root == head.root && scratch.consistent_path == extra.anchor_path;
        if (!seen && !verify_consistency(head.size, head.root, at->second.size, at->second.root, extra.anchor_path)) {
            return base::fail(base::Kind::invalid, "the checkpoint of " + std::to_string(head.size) +
                                                       " entries is not shown to be part of the tree of " +
                                                       std::to_string(at->second.size) + " entries that the ledger holds");
        }
        scratch.consistent_from = head.size;
        scratch.consistent_root = head.root;
        scratch.consistent_to = &at->second;
        scratch.consistent_path = extra.anchor_path;
        take(at->second);
    }
    return {};
}

Verdict Verifier::verify(std::optional<base::ByteView> event, std::string_view proof_text) {
    Scratch scratch;
    return verify(event, proof_text, scratch);
}

Verdict Verifier::verify(std::optional<base::ByteView> event, std::string_view proof_text, Scratch& scratch) {
    if (const auto read = ProofFile::parse_into(proof_text, scratch.proof); !read) return refuse({}, read.error().diagnostics);
    return verify(event, scratch.proof, scratch);
}

Verdict Verifier::verify(std::optional<base::ByteView> event, const ProofFile& proof) {
    Scratch scratch;
    return verify(event, proof, scratch);
}

Verdict Verifier::verify(std::optional<base::ByteView> event, const ProofFile& proof, Scratch& scratch) {
    Verdict out;
    const auto extra = Extra::decode(proof.extra);
    if (!extra) return refuse(out, extra.error().diagnostics);
    out.entry = extra->entry;
    const auto name = entry_name(extra->entry);
    if (extra->entry.seq != proof.index) return refuse(out, name + ": the proof is for index " + std::to_string(proof.index));
    if (auto why = check_commit(event, *extra, out); !why.empty()) return refuse(out, why);

    const auto& head = checkpoint(proof.checkpoint, scratch);
    if (!head) return refuse(out, name + ": " + head.error().diagnostics);
    out.tree_size = head->size;
    const auto leaf = leaf_hash(extra->entry.encode());
    if (!scratch.paths.verify(proof.index, head->size, leaf, proof.path, head->root)) {
        return refuse(out, name + ": it is not in the tree of " + std::to_string(head->size) + " entries that the checkpoint stands for");
    }
    out.tier = key_ ? Tier::signed_head : Tier::chained;
    if (const auto raised = raise(*head, *extra, out, scratch); !raised) return refuse(out, name + ": " + raised.error().diagnostics);
    out.proven = out.tier > Tier::chained;
    const auto ledger = std::exchange(out.sentence, {});
    out.sentence = name + (out.erased ? ": its content was erased; the entry is " : ": unchanged, ") + "in the log of " + head->origin +
                   " (" + std::to_string(head->size) + " entries)";
    out.sentence += key_ ? ", signed by its key" : "; no key was given, so its signature was not checked";
    out.sentence += ledger;
    return out;
}

}  // namespace proof
