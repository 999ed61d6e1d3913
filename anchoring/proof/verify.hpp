// What an auditor does: given an AuditEvent as it was served, its proof, the log's public key and what the ledger says, is this the
// event that was logged, is it in the log that was signed, and is that log the one on the ledger? Pure; needs no server.
#pragma once

#include "anchoring/proof/checkpoint.hpp"
#include "anchoring/proof/proof_file.hpp"

#include <map>
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

// Keeps what it has verified (checkpoint signatures repeat), so use one for all events of a run. One thread at a time.
class Verifier {
  public:
    Verifier(std::optional<VerifierKey> key, std::vector<AnchorRecord> anchors);

    // `event`: the AuditEvent's canonical JSON, or nullopt to take the one inside the proof, if any.
    Verdict verify(std::optional<base::ByteView> event, const ProofFile& proof);
    Verdict verify(std::optional<base::ByteView> event, std::string_view proof_text);

  private:
    base::Result<Checkpoint> checkpoint(const std::string& note);
    // Raises the tier by what the ledger says; Kind::invalid when the ledger contradicts the checkpoint.
    base::Status raise(const Checkpoint& head, const Extra& extra, Verdict& verdict) const;

    std::optional<VerifierKey> key_;
    std::multimap<std::uint64_t, AnchorRecord> anchors_;  // by size
    std::unordered_map<std::string, base::Result<Checkpoint>> notes_;
    std::map<std::uint64_t, Digest> signed_roots_;  // two signed roots for one size prove a fork
};

// Looks at entries next to each other: feed it every entry that was proven, in the order in which they were found.
class Continuity {
  public:
    // A sentence when this entry contradicts what came before (duplicate, two entries for one number, broken link), else empty.
    std::string add(const Entry& entry);
    // Numbers in [first, last] that were never added, as runs; and whether the order in which entries came was neither up nor down.
    struct Run {
        std::uint64_t first = 0, last = 0;
    };
    std::vector<Run> missing(std::uint64_t first, std::uint64_t last) const;
    bool out_of_order() const { return rises_ && falls_; }
    std::size_t count() const { return entries_.size(); }
    const std::map<std::uint64_t, Entry>& entries() const { return entries_; }

  private:
    std::map<std::uint64_t, Entry> entries_;
    std::optional<std::uint64_t> latest_;
    bool rises_ = false, falls_ = false;
};

}  // namespace proof
