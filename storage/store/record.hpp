// What the record store keeps and gives back. It knows no FHIR: a type and an id are two names, a body is bytes.
#pragma once

#include "storage/base/bytes.hpp"
#include "storage/base/clock.hpp"
#include "storage/store/key_ring.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace store {

// Keyed hash of (type, id): the only name a record has outside its envelope.
using RecordId = std::array<std::uint8_t, 16>;

struct Version {
    std::uint64_t seq = 0;      // place in the one total order of all writes, from 1, no gaps after commit
    std::uint32_t version = 0;  // from 1 for each record
    base::TimeUs updated_us = 0;
    bool deleted = false;
    bool id_given = false, revived = false;  // as in NewRecord
    base::Digest ciphertext_hash{};  // SHA-256 of the stored body envelope (all zero for a delete mark)
};

struct Record {
    std::string type, id;
    std::string patient;  // logical id of the Patient whose key seals it, empty: the tenant's key
    Version version;
    std::string facts;  // opaque to the store: what consent needs without parsing the body (consent/decide/facts.hpp)
    std::string body;   // canonical JSON; empty for a delete mark
};

// One row of the derived index. Param is the FHIR search parameter's code ("identifier", "patient", ...).
struct IndexEntry {
    enum class Kind : std::uint8_t {
        token = 1,
        reference = 2,
        date = 3,
        string = 4,
        number = 5,
        quantity = 6,
        uri = 7
    };  // DO NOT CHANGE: stored
    Kind kind = Kind::token;
    std::string param;
    // token: system|code split here; reference: system = target type, value = target id (or absolute URL with empty system).
    // identifier, name, telecom and address are written as HMAC tokens, never as text (the store does it: `direct_identifier`).
    std::string system, value;
    bool direct_identifier = false;
    std::int64_t low = 0, high = 0;  // date: [low, high) in microseconds
};

struct NewRecord {
    std::string type, id;
    std::string patient;                // the sealing patient, empty: tenant key
    std::vector<std::string> patients;  // every Patient in whose compartment it lies (patient included)
    std::string facts;
    std::string body;  // with meta.versionId and meta.lastUpdated already in it
    std::vector<IndexEntry> index;
    base::TimeUs updated_us = 0;
    std::uint32_t version = 0;  // must be head + 1
    bool deleted = false;
    bool id_given = false;  // the caller chose the id (an update), not the server (a create); kept with this version
    bool revived = false;   // the version before it was a delete mark; kept with this version
};

}  // namespace store
