// Reads what an auditor brings (Bundles, proofs, events, records, consents) and checks it, one by one and as a whole.
#pragma once

#include "anchoring/kedge_verify/bundle_entry.hpp"
#include "anchoring/kedge_verify/evidence.hpp"
#include "anchoring/kedge_verify/pieces.hpp"
#include "anchoring/proof/verify.hpp"

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace kedge_verify {

// One thing that was checked.
struct Line {
    enum class Of : std::uint8_t { event, write_set, consent, consistency, record };
    std::string where;  // file and entry of the Bundle
    std::string id;     // AuditEvent.id when it has one; of others their name
    proof::Verdict verdict;
    Of of = Of::event;
    std::vector<proof::Written> written;  // of a write set: the versions whose hashes it proves
    proof::Digest entry_hash{};           // when verdict.entry is there
};
std::string_view to_string(Line::Of of);

struct Sum {
    std::uint64_t events = 0, proven = 0, erased = 0;
    std::uint64_t others = 0, others_proven = 0;  // write sets, records, consents, consistency
    std::vector<std::string> doubts;              // of the whole: gaps, repeats, order, broken links, files that cannot be read
    std::vector<std::string> trusted;             // what the verdicts rest on besides the key
    bool good() const { return doubts.empty() && events + others > 0 && proven == events && others_proven == others; }
};

class Audit {
  public:
    Audit(Evidence evidence, std::function<void(const Line&)> each, unsigned threads = 1);
    Audit(std::optional<proof::VerifierKey> key, std::vector<proof::AnchorRecord> anchors, std::function<void(const Line&)> each);
    // One file's content. What cannot be read becomes a doubt. `each` is called in the order of the file, by one thread at a time.
    void add(const std::string& name, std::string_view content);
    // After the last file: the whole.
    Sum finish();

  private:
    using Scratch = proof::Verifier::Scratch;
    void pieces(const std::string& name, std::string_view content);
    // Thread-safe: an entry of a Bundle, judged.
    Line judge_entry(const std::string& where, std::string_view text, Scratch& scratch);
    Line judge_slowly(const std::string& where, std::string_view text, Scratch& scratch);
    Line judge_event(const std::string& where, std::string_view event, std::string_view id, std::string_view proof, bool says_erased,
                     Scratch& scratch);
    void judged(Line line);
    void other_piece(const std::string& name, const Piece& piece);
    void resource(const std::string& name, std::string_view text);
    void proof_alone(const std::string& name, std::string_view proof);
    void write_set(Line& line, std::string_view content);
    void consistency(const std::string& name, std::string_view text);
    void saved_consistency();
    void record_claims();
    void range(std::string_view meta);
    void told(Line line);
    void doubt(std::string sentence) { sum_.doubts.push_back(std::move(sentence)); }

    Evidence evidence_;
    proof::Verifier verifier_;
    std::function<void(const Line&)> each_;
    const unsigned threads_;
    proof::Continuity continuity_;
    std::vector<proof::Continuity::Run> claimed_;
    std::string waiting_proof_, waiting_name_;  // a proof whose event comes with the next file
    // What the proven write sets hold: (record, version) and the tier of the proof.
    struct Shown {
        proof::Written written;
        proof::Verdict verdict;
    };
    std::map<std::pair<std::array<std::uint8_t, 16>, std::uint32_t>, Shown> written_;
    Scratch scratch_;
    Sum sum_;
};

}  // namespace kedge_verify
