#include "anchoring/proof/verify.hpp"

#include "storage/base/encoding.hpp"

namespace proof {
namespace {

constexpr std::size_t kMaxNotes = 65536;  // beyond it signatures are verified again, nothing else changes

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
    for (auto& anchor : anchors) anchors_.emplace(anchor.size, std::move(anchor));
}

base::Result<Checkpoint> Verifier::checkpoint(const std::string& note) {
    const auto known = notes_.find(note);
    if (known != notes_.end()) return known->second;
    auto read = [&]() -> base::Result<Checkpoint> {
        if (key_) return open_checkpoint(note, *key_);
        const auto text = note_text(note);
        if (!text) return base::pass(text);
        return parse_checkpoint_text(*text);
    }();
    if (read) {
        const auto [at, first] = signed_roots_.emplace(read->size, read->root);
        if (!first && at->second != read->root) {
            read = base::fail(base::Kind::invalid,
                              "the log shows two different trees of " + std::to_string(read->size) + " entries: its history was forked");
        }
    }
    if (notes_.size() >= kMaxNotes) notes_.clear();
    notes_.emplace(note, read);
    return read;
}

base::Status Verifier::raise(const Checkpoint& head, const Extra& extra, Verdict& verdict) const {
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
        if (!verify_consistency(head.size, head.root, at->second.size, at->second.root, extra.anchor_path)) {
            return base::fail(base::Kind::invalid, "the checkpoint of " + std::to_string(head.size) +
                                                       " entries is not shown to be part of the tree of " +
                                                       std::to_string(at->second.size) + " entries that the ledger holds");
        }
        take(at->second);
    }
    return {};
}

Verdict Verifier::verify(std::optional<base::ByteView> event, std::string_view proof_text) {
    const auto proof = ProofFile::parse(proof_text);
    if (!proof) return refuse({}, proof.error().diagnostics);
    return verify(event, *proof);
}

Verdict Verifier::verify(std::optional<base::ByteView> event, const ProofFile& proof) {
    Verdict out;
    const auto extra = Extra::decode(proof.extra);
    if (!extra) return refuse(out, extra.error().diagnostics);
    out.entry = extra->entry;
    const auto name = entry_name(extra->entry);
    if (extra->entry.seq != proof.index) return refuse(out, name + ": the proof is for index " + std::to_string(proof.index));
    if (auto why = check_commit(event, *extra, out); !why.empty()) return refuse(out, why);

    const auto head = checkpoint(proof.checkpoint);
    if (!head) return refuse(out, name + ": " + head.error().diagnostics);
    out.tree_size = head->size;
    const auto leaf = leaf_hash(extra->entry.encode());
    if (!verify_inclusion(proof.index, head->size, leaf, proof.path, head->root)) {
        return refuse(out, name + ": it is not in the tree of " + std::to_string(head->size) + " entries that the checkpoint stands for");
    }
    out.tier = key_ ? Tier::signed_head : Tier::chained;
    if (const auto raised = raise(*head, *extra, out); !raised) return refuse(out, name + ": " + raised.error().diagnostics);
    out.proven = out.tier > Tier::chained;
    const auto ledger = std::exchange(out.sentence, {});
    out.sentence = name + (out.erased ? ": its content was erased; the entry is " : ": unchanged, ") + "in the log of " + head->origin +
                   " (" + std::to_string(head->size) + " entries)";
    out.sentence += key_ ? ", signed by its key" : "; no key was given, so its signature was not checked";
    out.sentence += ledger;
    return out;
}

std::string Continuity::add(const Entry& entry) {
    if (latest_) (entry.seq > *latest_ ? rises_ : falls_) = true;
    latest_ = entry.seq;
    const auto [at, first] = entries_.emplace(entry.seq, entry);
    if (!first) {
        const bool same = at->second.encode() == entry.encode();
        return entry_name(entry) + (same ? " is here twice" : ": two different entries bear this number: the log was forked");
    }
    if (at != entries_.begin()) {
        const auto& before = std::prev(at)->second;
        if (before.seq + 1 == entry.seq && before.hash() != entry.previous) {
            return "the chain is broken between entries " + std::to_string(before.seq) + " and " + std::to_string(entry.seq);
        }
    }
    const auto after = std::next(at);
    if (after != entries_.end() && entry.seq + 1 == after->first && entry.hash() != after->second.previous) {
        return "the chain is broken between entries " + std::to_string(entry.seq) + " and " + std::to_string(after->first);
    }
    if (entry.seq == 0 && entry.previous != Digest{}) return "entry 0 names an entry before it: the log does not begin here";
    return {};
}

std::vector<Continuity::Run> Continuity::missing(std::uint64_t first, std::uint64_t last) const {
    std::vector<Run> out;
    auto next = first;
    for (auto at = entries_.lower_bound(first); at != entries_.end() && at->first <= last; ++at) {
        if (at->first > next) out.push_back({next, at->first - 1});
        next = at->first + 1;
        if (at->first == UINT64_MAX) return out;
    }
    if (next <= last) out.push_back({next, last});
    return out;
}

}  // namespace proof
