// root key -> tenant key (versioned) -> patient data key and patient audit key, each wrapped by RFC 5649 in its own file keys.db
// (secure_delete, journal_mode=DELETE), so that destroying a key destroys what it sealed. storage/FORMAT.md section 3.
#pragma once

#include "storage/base/clock.hpp"
#include "storage/crypto/secret.hpp"

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace store {

using KeyId = std::array<std::uint8_t, 16>;  // random; the all-zero id means the tenant's own data key

enum class KeyUse : std::uint8_t { data = 1, audit = 2 };  // DO NOT CHANGE: stored

struct NamedKey {
    KeyId id{};
    std::shared_ptr<const crypto::Key> key;
};

// Thread-safe; keeps a bounded cache of unwrapped keys that is emptied for a patient when that patient is erased.
class KeyRing {
  public:
    // Reads DIR/root.key (created with mode 0600 by init) and opens DIR/keys.db. Errors: Kind::not_found when not initialised,
    // Kind::corrupt when the root key does not open the file.
    static base::Result<std::unique_ptr<KeyRing>> open(const std::string& dir, const base::Clock& clock);
    // Makes a new root and tenant key. Error: Kind::conflict when one is there already (nothing is overwritten).
    static base::Status init(const std::string& dir, const base::Clock& clock);
    ~KeyRing();

    // The patient's key, made when absent (committed durably before it is returned). Error: Kind::gone when the patient was erased.
    base::Result<NamedKey> patient_key(std::string_view patient_id, KeyUse use);
    // The key that sealed something. Errors: Kind::gone when it was destroyed; Kind::corrupt when this ring never had it (a key file
    // older than the records, or a forged id).
    base::Result<NamedKey> by_id(const KeyId& id);
    // Of the patient's key for this use; makes none. The audit key may outlive the data key.
    enum class KeyState : std::uint8_t { present, none, destroyed };
    base::Result<KeyState> state(std::string_view patient_id, KeyUse use);
    // Destroys the patient's data key, and the audit key too when asked; leaves a tombstone (a keyed hash, no id) so that the patient
    // cannot come back under the same id by accident. Overwrites the rows. `owed`, unless empty, is what must be said of it: kept from the
    // moment of the deed, whatever happens to the process, until owed_done(). Error: Kind::not_found when there is no such key.
    base::Status erase_patient(std::string_view patient_id, bool also_audit_key, base::ByteView owed);
    struct Owed {
        std::int64_t id = 0;
        base::Bytes what;
    };
    base::Result<std::vector<Owed>> owed();  // oldest first
    base::Status owed_done(std::int64_t id);  // overwrites the row
    // New tenant key version; rewraps every patient key. What patient keys sealed is not touched.
    base::Status rotate_tenant_key();
    // New root key in place of the old one, atomically. No other process may have the ring open: what it writes goes to a file that is shredded.
    base::Status rotate_root_key();
    // Both, on a directory that nobody serves: holds the Store's lock meanwhile. Error: Kind::conflict when another process has it.
    static base::Status rotate(const std::string& dir, const base::Clock& clock);
    // For whoever took the Store's lock after the ring was opened. Error: Kind::conflict when a rotation of another process came between:
    // what this ring would write goes to a file that is no more.
    base::Status expect_unrotated();

    // Derived from the tenant's stable secret, so they survive rotation. `purpose` separates domains: "db:records", "db:index",
    // "db:ledger", "log", "rid", "token", "page-link", "checkpoint" ...
    crypto::Key derived(std::string_view purpose) const;
    // Called after each erase_patient, on its thread, once the keys are destroyed: whoever holds opened content lets it go. The callback
    // must not call back into on_erase. Returns what stop_on_erase takes; that call waits for a running callback.
    using OnErase = std::function<void(std::string_view patient_id)>;
    std::uint64_t on_erase(OnErase callback);
    void stop_on_erase(std::uint64_t subscription);
    // How many data keys were ever destroyed: grows with each erasure, so that what is derived can tell that it missed one.
    base::Result<std::uint64_t> erasures();
    // For fsck: every page of keys.db opens and every key unwraps. `each` gets a sentence per finding; the count is returned.
    base::Result<std::size_t> fsck(const std::function<void(const std::string&)>& each);
    // DIR/keys.db in one consistent copy (for backup), still wrapped by the root key. root.key is not copied: kept beside the
    // backup it would open it. Error: Kind::conflict when the copy is there already.
    base::Status backup_to(const std::string& dir);

  private:
    struct Impl;
    explicit KeyRing(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace store
