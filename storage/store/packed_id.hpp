// Logical ids as they are stored: a UUID in its usual text form becomes its 16 bytes, any other id keeps its text. Reversible and
// unambiguous. Internal to storage/store; storage/FORMAT.md has the grammar.
#pragma once

#include "storage/base/bytes.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace store {

constexpr std::size_t kMostIdBytes = 254;  // of the text; FHIR allows 64

// u8 length and the text, or 0xff and 16 bytes. CHECK: at most kMostIdBytes.
void write_id(base::Writer& out, std::string_view id);
base::Bytes pack_id(std::string_view id);
// Appends the text to `out`; false when the bytes are no packed id.
bool read_id(base::Reader& in, std::string& out);
// The whole view is one packed id. Empty when it is not (no id is empty).
std::string unpack_id(base::ByteView packed);

// Who a version belongs to: u8 1 when the first patient's key seals it (0: the tenant's), u16 count, the ids. At most 65535.
struct Patients {
    std::string sealing;           // empty: the tenant
    std::vector<std::string> all;  // the sealing one first
};
Patients patients_of(std::string_view sealing, const std::vector<std::string>& compartments);  // without doubles
void write_patients(base::Writer& out, const Patients& patients);
bool read_patients(base::Reader& in, Patients& out);

}  // namespace store
