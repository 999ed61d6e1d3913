// What an auditor does: given an AuditEvent as it was served, its proof, the log's public key and what the ledger says, is this the
// event that was logged, is it in the log that was signed, and is that log the one on the ledger? Pure; needs no server.
#pragma once

#include "anchoring/proof/checkpoint.hpp"
#include "anchoring/proof/continuity.hpp"
#include "anchoring/proof/path_cache.hpp"
#include "anchoring/proof/proof_file.hpp"

#include <map>
#include <mutex>
#include <string>
#include <unordered_map>

namespace proof {

// How far a proof reaches. Each tier includes those before it.
enum class Tier : std::uint8_t {
    none,         // nothing is proven
    chained,      // the event is committed to by an entry of a tree; who vouches for the tree was not checked
    signed_head,  // the log's key signed that tree
    anchored,     // a block of the ledger holds that tree's root, or that of a later tree which provably contains it
    final,        // and that block is final
};
std::string_view to_string(Tier tier);  // NONE CHAINED SIGNED ANCHORED FINAL

struct Verdict {
    bool proven = false;  // no doubt was found and the tier is SIGNED or better
    Tier tier = Tier::none;
    std::string sentence;         // for people: what is proven, or exactly what is wrong
    std::optional<Entry> entry;   // when the proof could be read
    bool erased = false;          // the entry is proven, its content is no longer there
    std::uint64_t tree_size = 0;  // of the checkpoint, when it could be read
};

// Keeps what it has verified (checkpoint signatures repeat), so use one for all events of a run. Thread-safe, with one Scratch for each
// thread.
class Verifier {
  public:
    // What one thread keeps from the last proof: neighbours share their checkpoint, most of their path and their anchor.
    struct Scratch {
        ProofFile proof;
        std::string note;
        const base::Result<Checkpoint>* head = nullptr;  // of `note`; lives as long as the Verifier
        PathCache paths;
        std::uint64_t consistent_from = 0;  // the last consistency path that was verified, from this head
        Digest consistent_root{};
        const AnchorRecord* consistent_to = nullptr;
        std::vector<Digest> consistent_path;
    };

    Verifier(std::optional<VerifierKey> key, std::vector<AnchorRecord> anchors);

    // `event`: the AuditEvent's canonical JSON, or nullopt to take the one inside the proof, if any.
    Verdict verify(std::optional<base::ByteView> event, const ProofFile& proof);
    Verdict verify(std::optional<base::ByteView> event, std::string_view proof_text);
    Verdict verify(std::optional<base::ByteView> event, std::string_view proof_text, Scratch& scratch);

    // A signed checkpoint, once for each text. Kind::invalid also when two trees of one size were shown: a fork.
    const base::Result<Checkpoint>& checkpoint(const std::string& note);
    const std::multimap<std::uint64_t, AnchorRecord>& anchors() const { return anchors_; }  // by size
    bool has_key() const { return key_.has_value(); }

  private:
    Verdict verify(std::optional<base::ByteView> event, const ProofFile& proof, Scratch& scratch);
    const base::Result<Checkpoint>& checkpoint(const std::string& note, Scratch& scratch);
    base::Result<Checkpoint> read_checkpoint(const std::string& note);
    // Raises the tier by what the ledger says; Kind::invalid when the ledger contradicts the checkpoint.
    base::Status raise(const Checkpoint& head, const Extra& extra, Verdict& verdict, Scratch& scratch) const;

    const std::optional<VerifierKey> key_;
    std::multimap<std::uint64_t, AnchorRecord> anchors_;  // by size
    std::mutex mutex_;                                    // what follows
    std::unordered_map<std::string, base::Result<Checkpoint>> notes_;
    std::map<std::uint64_t, Digest> signed_roots_;  // two signed roots for one size prove a fork
};

}  // namespace proof
