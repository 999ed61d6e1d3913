#include "anchoring/kedge_verify/audit.hpp"

#include "anchoring/kedge_verify/consent_claim.hpp"
#include "anchoring/kedge_verify/ordered_work.hpp"
#include "anchoring/proof/base64.hpp"
#include "storage/base/encoding.hpp"

namespace kedge_verify {
namespace {

constexpr std::string_view kProofStart = "c2sp.org/tlog-proof@v1\n";
constexpr std::string_view kOldStart = "old ";               // C2SP tlog-witness, the body of add-checkpoint
constexpr std::size_t kWorthThreads = std::size_t{1} << 20;  // bytes of a file

std::optional<std::uint64_t> quantity(const json::Value* range, std::string_view end) {
    const auto* limit = range == nullptr ? nullptr : range->find(end);
    const auto* value = limit == nullptr ? nullptr : limit->find("value");
    const auto* number = value == nullptr ? nullptr : value->if_number();
    const auto out =
        number == nullptr ? base::Result<std::uint64_t>(base::fail(base::Kind::invalid, "absent")) : proof::parse_decimal(number->text);
    return out ? std::optional(*out) : std::nullopt;
}

// What a server shows in the place of an erased event says nothing about who did what: it has no entity.
bool is_placeholder(const json::Value& resource) {
    return resource.find("entity") == nullptr && resource.text("outcomeDesc").starts_with("The content was erased");
}

Line refused(const std::string& where, std::string_view id, std::string why) {
    Line line{where, std::string(id), {}};
    line.verdict.sentence = std::move(why);
    return line;
}

Evidence evidence_of(std::optional<proof::VerifierKey> key, std::vector<proof::AnchorRecord> anchors) {
    Evidence out;
    out.key = std::move(key);
    for (auto& anchor : anchors) out.anchors.push_back({std::move(anchor), {}});
    return out;
}

}  // namespace

std::vector<proof::AnchorRecord> Evidence::anchor_records() const {
    std::vector<proof::AnchorRecord> out;
    for (const auto& anchor : anchors) out.push_back(anchor.record);
    return out;
}

std::string_view to_string(Line::Of of) {
    switch (of) {
        case Line::Of::event:
            return "event";
        case Line::Of::write_set:
            return "writeSet";
        case Line::Of::consent:
            return "consent";
        case Line::Of::consistency:
            return "consistency";
        case Line::Of::record:
            return "record";
    }
    return "event";
}

Audit::Audit(Evidence evidence, std::function<void(const Line&)> each, unsigned threads)
    : evidence_(std::move(evidence)),
      verifier_(evidence_.key, evidence_.anchor_records()),
      each_(std::move(each)),
      threads_(std::max(1u, threads)) {
    sum_.trusted = evidence_.trusted;
}

Audit::Audit(std::optional<proof::VerifierKey> key, std::vector<proof::AnchorRecord> anchors, std::function<void(const Line&)> each)
    : Audit(evidence_of(std::move(key), std::move(anchors)), std::move(each)) {}

void Audit::add(const std::string& name, std::string_view content) {
    if (content.starts_with(kProofStart)) {
        if (!waiting_proof_.empty()) proof_alone(waiting_name_, std::exchange(waiting_proof_, {}));
        waiting_proof_ = content;
        waiting_name_ = name;
        return;
    }
    if (content.starts_with(kOldStart)) return consistency(name, content);
    pieces(name, content);
}

void Audit::pieces(const std::string& name, std::string_view content) {
    Pieces source(content);
    struct Worker {
        Scratch scratch;
    };
    const unsigned threads = content.size() < kWorthThreads ? 1 : threads_;
    std::vector<Worker> workers(threads);
    const auto judge = [&](const Piece& piece, unsigned worker) -> std::optional<Line> {
        if (piece.kind != Piece::Kind::entry) return std::nullopt;
        return judge_entry(name + " entry " + std::to_string(piece.number), piece.text, workers[worker].scratch);
    };
    const auto deliver = [&](const Piece& piece, std::optional<Line> line) {
        if (line) return told(std::move(*line));
        other_piece(piece.kind == Piece::Kind::malformed ? name + " at byte " + std::to_string(source.offset()) : name, piece);
    };
    ordered_work<Piece, std::optional<Line>>(
        threads, [&](Piece& piece) { return source.next(piece); }, judge, deliver);
}

void Audit::other_piece(const std::string& name, const Piece& piece) {
    if (piece.kind == Piece::Kind::malformed) return doubt(name + ": " + std::string(piece.text));
    if (piece.kind == Piece::Kind::bundle_end) return range(piece.text);
    resource(name, piece.text);
}

void Audit::resource(const std::string& name, std::string_view text) {
    const auto value = json::parse(text);
    if (!value) return doubt(name + ": neither a proof nor JSON: " + value.error().diagnostics);
    const auto type = value->text("resourceType");
    if (type == "Consent" || type == "Parameters") {
        auto claim = read_consent_claim(*value);
        if (!claim) return doubt(name + ": " + claim.error().diagnostics);
        if (evidence_.look_up) {
            if (const auto asked = evidence_.look_up(claim->consent_id, evidence_); !asked)
                return doubt(name + ": " + asked.error().diagnostics);
        }
        Line line{name, claim->name, judge_consent(*claim, evidence_)};
        line.of = Line::Of::consent;
        return told(std::move(line));
    }
    if (type != "AuditEvent") return doubt(name + ": a resource of type '" + std::string(type) + "' cannot be checked here");
    if (waiting_proof_.empty()) return doubt(name + ": an AuditEvent without a proof before it");
    const auto proof = std::exchange(waiting_proof_, {});
    told(judge_event(name, json::write(*value), value->text("id"), proof, is_placeholder(*value), scratch_));
}

void Audit::range(std::string_view meta) {
    if (meta.empty()) return;
    const auto value = json::parse(meta);
    if (!value) return doubt("the Bundle's meta cannot be read: " + value.error().diagnostics);
    const auto* claim = extension(*value, kRangeUrl);
    if (claim == nullptr) return;
    const auto* range = claim->find("valueRange");
    const auto low = quantity(range, "low"), high = quantity(range, "high");
    if (!low || !high || *low > *high) return doubt("the Bundle's audit-range cannot be read");
    claimed_.push_back({*low, *high});
}

Line Audit::judge_entry(const std::string& where, std::string_view text, Scratch& scratch) {
    const auto parts = read_entry(text);
    thread_local base::Bytes proof;
    const auto id = parts ? id_of_canonical(parts->resource) : std::string_view();
    if (!id.empty() && !parts->proof.empty() && proof::decode_base64(parts->proof, proof)) {
        // As a server sends it: the very bytes that were committed to. What was reformatted, or is in doubt, takes the exact way.
        Line line{where, std::string(id), verifier_.verify(base::as_bytes(parts->resource), base::as_text(proof), scratch)};
        if (line.verdict.tier != proof::Tier::none && line.verdict.entry->kind == proof::EntryKind::event) {
            line.entry_hash = line.verdict.entry->hash();
            return line;
        }
    }
    return judge_slowly(where, text, scratch);
}

Line Audit::judge_slowly(const std::string& where, std::string_view text, Scratch& scratch) {
    const auto entry = json::parse(text);
    if (!entry) return refused(where, {}, "it cannot be read: " + entry.error().diagnostics);
    const auto* resource = entry->find("resource");
    const auto type = resource == nullptr ? std::string_view() : resource->text("resourceType");
    // An OperationOutcome among search results (search.mode outcome) is no event: an empty `where` says so.
    if (type == "OperationOutcome") return {};
    if (type != "AuditEvent") return refused(where, {}, "it holds no AuditEvent");
    const auto* carried = extension(*entry, kProofUrl);
    const auto proof = carried == nullptr ? base::Result<base::Bytes>(base::fail(base::Kind::invalid, "absent"))
                                          : base::from_base64(carried->text("valueBase64Binary"));
    if (!proof) return refused(where, resource->text("id"), "it carries no proof");
    return judge_event(where, json::write(*resource), resource->text("id"), base::as_text(*proof), is_placeholder(*resource), scratch);
}

Line Audit::judge_event(const std::string& where, std::string_view event, std::string_view id, std::string_view proof, bool says_erased,
                        Scratch& scratch) {
    Line line{where, std::string(id), verifier_.verify(base::as_bytes(event), proof, scratch)};
    if (line.verdict.tier == proof::Tier::none && says_erased) {
        // The placeholder itself is not what was logged; the entry is judged alone, and only when its proof holds no salt either.
        auto alone = verifier_.verify(std::nullopt, proof, scratch);
        if (alone.erased) line.verdict = std::move(alone);
    }
    if (line.verdict.tier != proof::Tier::none) line.entry_hash = line.verdict.entry->hash();
    return line;
}

void Audit::told(Line line) {
    if (line.where.empty()) return;
    const bool of_event = line.of == Line::Of::event;
    (of_event ? sum_.events : sum_.others) += 1;
    (of_event ? sum_.proven : sum_.others_proven) += line.verdict.proven ? 1 : 0;
    sum_.erased += line.verdict.erased ? 1 : 0;
    if (line.verdict.entry && line.verdict.tier != proof::Tier::none) {
        const auto& entry = *line.verdict.entry;
        if (auto sentence = continuity_.add(entry.seq, line.entry_hash, entry.previous); !sentence.empty()) doubt(std::move(sentence));
    }
    each_(line);
}

Sum Audit::finish() {
    if (!waiting_proof_.empty()) proof_alone(waiting_name_, std::exchange(waiting_proof_, {}));
    record_claims();
    saved_consistency();
    for (const auto& claim : claimed_) {
        for (const auto& run : continuity_.missing(claim.first, claim.last)) {
            const bool one = run.first == run.last;
            doubt((one ? "entry " + std::to_string(run.first) + " is"
                       : "entries " + std::to_string(run.first) + ".." + std::to_string(run.last) + " are") +
                  " missing: the Bundle claims " + std::to_string(claim.first) + ".." + std::to_string(claim.last));
        }
    }
    if (continuity_.out_of_order()) doubt("the entries stand neither from old to new nor from new to old");
    return sum_;
}

}  // namespace kedge_verify
