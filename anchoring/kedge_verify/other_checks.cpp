// What is not an AuditEvent: proofs that stand alone, write sets, hashes of records, consistency of two trees.
#include "anchoring/kedge_verify/audit.hpp"
#include "storage/base/encoding.hpp"

namespace kedge_verify {
namespace {

using proof::Tier;

std::string record_name(const proof::Written& w) {
    return "record " + base::to_hex(w.record) + " version " + std::to_string(w.version);
}

// The best that the ledger says of a tree; Tier::none when it knows none of this size; Kind::invalid when it holds another root.
base::Result<Tier> on_ledger(const proof::Verifier& verifier, std::uint64_t size, const proof::Digest& root) {
    auto out = Tier::none;
    const auto [first, last] = verifier.anchors().equal_range(size);
    for (auto at = first; at != last; ++at) {
        if (at->second.root != root) {
            return base::fail(base::Kind::invalid, "the ledger holds another root for the tree of " + std::to_string(size) + " entries");
        }
        out = std::max(out, at->second.final ? Tier::final : Tier::anchored);
    }
    return out;
}

// "old N", the path's hashes, an empty line, the newer checkpoint: the body of add-checkpoint in C2SP tlog-witness.
struct ConsistencyFile {
    std::uint64_t old_size = 0;
    std::vector<proof::Digest> path;
    std::string checkpoint;
};
base::Result<ConsistencyFile> parse_consistency(std::string_view text) {
    const auto bad = [](const char* why) { return base::fail(base::Kind::invalid, std::string("no consistency proof: ") + why); };
    ConsistencyFile out;
    const auto first = text.find('\n');
    if (first == std::string_view::npos) return bad("it ends in its first line");
    const auto size = proof::parse_decimal(text.substr(4, first - 4));
    if (!size) return bad("the old size is no plain decimal number");
    out.old_size = *size;
    for (text.remove_prefix(first + 1);;) {
        const auto end = text.find('\n');
        if (end == std::string_view::npos) return bad("no empty line between path and checkpoint");
        const auto line = text.substr(0, end);
        text.remove_prefix(end + 1);
        if (line.empty()) break;
        const auto hash = proof::parse_hash(line);
        if (!hash || out.path.size() == 63) return bad("a line of the path is no base64 of 32 bytes, or there are more than 63");
        out.path.push_back(*hash);
    }
    out.checkpoint = text;
    return out;
}

}  // namespace

void Audit::proof_alone(const std::string& name, std::string_view proof) {
    Line line{name, {}, verifier_.verify(std::nullopt, proof, scratch_)};
    if (line.verdict.tier != Tier::none) {
        line.entry_hash = line.verdict.entry->hash();
        const auto extra = proof::Extra::decode(scratch_.proof.extra);
        const auto content = extra && extra->event ? std::string_view(*extra->event) : std::string_view();
        if (line.verdict.entry->kind == proof::EntryKind::write_set) {
            write_set(line, content);
        } else {
            line.id = id_of_canonical(content);
        }
    }
    told(std::move(line));
}

void Audit::write_set(Line& line, std::string_view content) {
    line.of = Line::Of::write_set;
    line.id = "write set";
    const auto written = proof::decode_write_set(base::as_bytes(content));
    if (!written) {
        line.verdict.proven = false;
        line.verdict.tier = Tier::none;
        line.verdict.sentence = "entry " + std::to_string(line.verdict.entry->seq) + ": the proof holds no write set";
        return;
    }
    line.written = *written;
    for (const auto& w : *written) {
        line.verdict.sentence += "; " + record_name(w) +
                                 (w.deleted ? " was deleted" : " has the ciphertext hash " + base::to_hex(w.ciphertext_hash)) + " (place " +
                                 std::to_string(w.seq) + " in the order of writes)";
        const auto [at, fresh] = written_.emplace(std::pair(w.record, w.version), Shown{w, line.verdict});
        if (!fresh && (at->second.written.ciphertext_hash != w.ciphertext_hash || at->second.written.deleted != w.deleted)) {
            doubt("two proven entries give " + record_name(w) + " different contents");
        }
    }
}

void Audit::record_claims() {
    for (const auto& claim : evidence_.records) {
        proof::Written named;
        named.record = claim.record;
        named.version = claim.version;
        Line line{"--record", record_name(named), {}};
        line.of = Line::Of::record;
        const auto at = written_.find({claim.record, claim.version});
        if (at == written_.end()) {
            line.verdict.sentence = "no proven write set among the files wrote it";
        } else if (at->second.written.deleted || at->second.written.ciphertext_hash != claim.ciphertext_hash) {
            line.verdict.sentence = at->second.written.deleted ? "the log says that this version is a deletion"
                                                               : "the log says that its ciphertext has the hash " +
                                                                     base::to_hex(at->second.written.ciphertext_hash);
        } else {
            const auto& by = at->second.verdict;
            line.verdict = {by.proven, by.tier, "its ciphertext is the one that entry " + std::to_string(by.entry->seq) + " wrote",
                            {},        false,   0};
        }
        told(std::move(line));
    }
}

void Audit::consistency(const std::string& name, std::string_view text) {
    Line line{name, "consistency", {}};
    line.of = Line::Of::consistency;
    auto& verdict = line.verdict;
    const auto file = parse_consistency(text);
    const auto judge = [&]() -> base::Result<Tier> {
        if (!file) return base::pass(file);
        const auto& head = verifier_.checkpoint(file->checkpoint);
        if (!head) return base::pass(head);
        const auto newer = on_ledger(verifier_, head->size, head->root);
        if (!newer) return newer;
        const auto [first, last] = verifier_.anchors().equal_range(file->old_size);
        if (first == last) {
            return base::fail(base::Kind::invalid,
                              "no anchor of " + std::to_string(file->old_size) + " entries is known here to compare with");
        }
        auto older = Tier::none;
        for (auto at = first; at != last; ++at) {
            if (!proof::verify_consistency(file->old_size, at->second.root, head->size, head->root, file->path)) {
                return base::fail(base::Kind::invalid, "the tree of " + std::to_string(head->size) +
                                                           " entries is not shown to contain the anchored one of " +
                                                           std::to_string(file->old_size));
            }
            older = std::max(older, at->second.final ? Tier::final : Tier::anchored);
        }
        verdict.sentence = "the tree of " + std::to_string(head->size) + " entries contains the anchored tree of " +
                           std::to_string(file->old_size) + " entries unchanged";
        return std::min(older, *newer != Tier::none ? *newer : verifier_.has_key() ? Tier::signed_head : Tier::chained);
    };
    const auto tier = judge();
    if (tier) {
        verdict.tier = *tier;
        verdict.proven = *tier > Tier::chained;
    } else {
        verdict.sentence = tier.error().diagnostics;
    }
    told(std::move(line));
}

// Anchors whose transaction was saved carry the consistency proof that the contract checked: it is checked again here.
void Audit::saved_consistency() {
    for (const auto& later : evidence_.anchors) {
        if (!later.consistency) continue;
        for (const auto& earlier : evidence_.anchors) {
            const auto &a = earlier.record, &b = later.record;
            if (a.log_id != b.log_id || a.size >= b.size || !proof::verify_consistency(a.size, a.root, b.size, b.root, *later.consistency))
                continue;
            Line line{"anchors", "anchors of " + std::to_string(a.size) + " and " + std::to_string(b.size) + " entries", {}};
            line.of = Line::Of::consistency;
            line.verdict.proven = true;
            line.verdict.tier = a.final && b.final ? Tier::final : Tier::anchored;
            line.verdict.sentence = "the later tree contains the earlier one unchanged";
            told(std::move(line));
        }
    }
}

}  // namespace kedge_verify
