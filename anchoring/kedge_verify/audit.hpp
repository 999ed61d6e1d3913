// Reads what an auditor brings (Bundles, proofs, events) and checks it, event by event and as a whole.
#pragma once

#include "anchoring/proof/verify.hpp"
#include "storage/base/json.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace kedge_verify {

// On Bundle.entry: valueBase64Binary is the text of the proof.
inline constexpr std::string_view kProofUrl = "http://kedge.dev/fhir/StructureDefinition/audit-proof";
// On Bundle.meta: valueRange with low.value and high.value, the first and the last entry number that the Bundle claims to hold whole.
inline constexpr std::string_view kRangeUrl = "http://kedge.dev/fhir/StructureDefinition/audit-range";

struct Line {
    std::string where;  // file and entry of the Bundle
    std::string id;     // AuditEvent.id when it has one
    proof::Verdict verdict;
};

struct Sum {
    std::uint64_t events = 0, proven = 0, erased = 0;
    std::vector<std::string> doubts;  // of the whole: gaps, repeats, order, broken links, files that cannot be read
    bool good() const { return doubts.empty() && events > 0 && proven == events; }
};

class Audit {
  public:
    Audit(std::optional<proof::VerifierKey> key, std::vector<proof::AnchorRecord> anchors, std::function<void(const Line&)> each);
    // One file's content. What cannot be read becomes a doubt.
    void add(const std::string& name, std::string_view content);
    // After the last file: the whole.
    Sum finish();

  private:
    void bundle(const std::string& name, const json::Value& bundle);
    void entry(const std::string& where, const json::Value& entry);
    void event(const std::string& where, std::string_view event, std::string_view id, std::string_view proof, bool says_erased);
    void told(Line line);
    void range(const json::Value& bundle);
    void doubt(std::string sentence) { sum_.doubts.push_back(std::move(sentence)); }

    proof::Verifier verifier_;
    std::function<void(const Line&)> each_;
    proof::Continuity continuity_;
    std::vector<proof::Continuity::Run> claimed_;
    std::string waiting_proof_, waiting_name_;  // a proof whose event comes with the next file
    Sum sum_;
};

}  // namespace kedge_verify
