// Every checkpoint that the log has signed, in one append-only file of records of one width (FORMAT.md section 4). The note's text is made
// again from the record: Ed25519 is deterministic, and the signature is stored.
#pragma once

#include "anchoring/chain/audit_log.hpp"
#include "anchoring/chain/file.hpp"
#include "anchoring/chain/frame.hpp"
#include "anchoring/proof/checkpoint.hpp"

#include <mutex>

namespace chain {

struct CheckpointRecord {
    std::uint64_t size = 0;
    base::TimeUs time_us = 0;
    proof::Digest root{};
    crypto::Ed25519Signature signature{};
    Place end;             // behind the group mark of the last entry
    proof::Digest last{};  // hash of the last entry
};

// Thread-safe.
class CheckpointFile {
  public:
    // DIR/checkpoints. Errors: Kind::conflict when it is there; Kind::invalid for an origin that no key can bear.
    static base::Status create(const std::string& dir, const std::string& origin, const crypto::Ed25519PublicKey& key);
    // A record that a crash left incomplete (short, or all zeroes at the end) is cut off when `mode` is write. Errors: Kind::not_found;
    // Kind::corrupt when the header or the last record is damaged, or it belongs to another key.
    static base::Result<std::unique_ptr<CheckpointFile>> open(const std::string& path, const crypto::Key& mac_key,
                                                              const crypto::Ed25519PublicKey& key, File::Mode mode);

    const proof::VerifierKey& key() const { return key_; }
    std::uint64_t count() const;
    base::Result<CheckpointRecord> read(std::uint64_t index) const;  // Kind::corrupt names the record
    std::optional<CheckpointRecord> last() const;
    base::Status append(const CheckpointRecord& record, Disk& disk);
    // The smallest that covers the entry `index`.
    base::Result<std::optional<CheckpointRecord>> covering(std::uint64_t index) const;
    SignedCheckpoint note(const CheckpointRecord& record) const;
    std::string text(const CheckpointRecord& record) const;  // what is signed
    static constexpr std::size_t kHeaderBytes = 320;
    static constexpr std::size_t kRecordBytes = 8 + 8 + 32 + 64 + 8 + 32 + 32;

  private:
    CheckpointFile(File file, crypto::Key mac_key, proof::VerifierKey key)
        : file_(std::move(file)), mac_key_(std::move(mac_key)), key_(std::move(key)) {}
    base::Bytes encode(std::uint64_t index, const CheckpointRecord& record) const;

    mutable std::mutex mutex_;
    File file_;
    crypto::Key mac_key_;
    proof::VerifierKey key_;
    std::uint64_t count_ = 0;
    std::optional<CheckpointRecord> last_;
};

}  // namespace chain
