// Turns a submission into what the log stores and back. All the dear work (compress, encrypt, HMAC, tokens) is here and runs on the calling
// thread. Thread-safe.
#pragma once

#include "anchoring/chain/audit_log.hpp"
#include "anchoring/chain/frame.hpp"
#include "storage/crypto/hash.hpp"

namespace chain {

// A submission ready for the log's thread, which adds order, time and link.
struct Prepared {
    proof::EntryKind kind = proof::EntryKind::event;
    proof::Digest commit{};
    std::size_t tail_at = 0, tail_size = 0;  // EntryFrame::encode_tail, among the tails that it was prepared with
    IndexRow row;
    bool once = false;                   // as in Submission
    std::optional<std::uint64_t> known;  // it is in the log already, at this place
};

enum class Domain : std::uint8_t { id = 1, patient = 2, agent = 3, entity = 4, kind = 5 };  // DO NOT CHANGE: hashed
inline constexpr std::string_view kWriteSet = "write-set";  // of Domain::kind

class Sealer {
  public:
    explicit Sealer(store::KeyRing& keys);
    // Appends its tail to `tails`; after an error nothing is to be used of what stands there.
    // Errors: Kind::invalid (no id, no content), Kind::too_large, Kind::gone (the patient's audit key was destroyed), Kind::fault.
    base::Result<Prepared> prepare(const Submission& submission, base::Bytes& tails) const;
    // Opens and unpacks the content and checks it against the entry's commit. erased when its key was destroyed.
    // Error: Kind::corrupt "entry N: ...".
    base::Result<StoredEvent> open(const EntryFrame& frame) const;
    Token token(Domain domain, std::string_view text) const;

  private:
    Token cached_token(Domain domain, std::string_view text) const;
    IndexRow row_of(const Submission& submission) const;
    const std::uint64_t serial_;  // tells the per-thread cache whose token it holds
    store::KeyRing& keys_;
    crypto::HmacKey token_key_;
    crypto::Key tenant_key_;
};

}  // namespace chain
