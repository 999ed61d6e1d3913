// How a version is sealed into a row of records.db, and opened again. A row that was moved, swapped, edited or cut short does not
// open. Internal to storage/store; storage/FORMAT.md has the grammar.
#pragma once

#include "storage/store/packed_id.hpp"
#include "storage/store/record.hpp"

namespace store {

// What a row says outside its sealed parts. All of it is authenticated by the name.
struct RowPlace {
    std::uint64_t seq = 0;
    RecordId rid{};
    std::uint32_t version = 0;
};

struct SealedRow {
    base::Bytes name;  // under the tenant's name key
    base::Bytes body;  // under the record's own key
    Version version;
};

// The sealed name: enough to rebuild the index and to name a damaged row without the patient's key.
struct RowName {
    std::string type, id, patient;
    base::TimeUs updated_us = 0;
    bool deleted = false;
    base::Digest body_hash{};  // SHA-256 of the body as stored
};

struct OpenedRow {
    Record record;
    Patients patients;
};

// Thread-safe; the ring must outlive it.
class Envelope {
  public:
    explicit Envelope(KeyRing& keys);

    RecordId record_id(std::string_view type, std::string_view id) const;
    // Errors: Kind::gone when the patient was erased; those of KeyRing.
    base::Result<SealedRow> seal(const NewRecord& record, const RowPlace& place) const;
    // Error: Kind::corrupt.
    base::Result<RowName> open_name(base::ByteView name, const RowPlace& place) const;
    // Opens the body of this (type, id, version). Errors: Kind::gone when its key was destroyed, Kind::corrupt when it is another
    // record's, or damaged.
    base::Result<OpenedRow> open_body(base::ByteView body, std::string_view type, std::string_view id, const RowPlace& place) const;
    // The key that a body names, without opening it. Error: Kind::corrupt when it is too short to name one.
    static base::Result<KeyId> key_of(base::ByteView body);

  private:
    KeyRing& keys_;
    crypto::Key rid_key_, name_key_;
};

}  // namespace store
