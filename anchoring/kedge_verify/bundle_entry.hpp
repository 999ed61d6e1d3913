// What matters in an entry of a Bundle: the resource as it stands there, and the proof that it carries.
#pragma once

#include "storage/base/json.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace kedge_verify {

// On Bundle.entry: valueBase64Binary is the text of the proof.
inline constexpr std::string_view kProofUrl = "http://kedge.dev/fhir/StructureDefinition/audit-proof";
// On Bundle.meta: valueRange with low.value and high.value, the first and the last entry number that the Bundle claims to hold whole.
inline constexpr std::string_view kRangeUrl = "http://kedge.dev/fhir/StructureDefinition/audit-range";

struct EntryParts {
    std::string_view resource;  // the value's text
    std::string_view proof;     // base64 of the proof's text; empty: none
};
// Nothing when the entry is written in a way that needs the exact reader (escapes in names, repeated members, many members), or is
// broken: json::parse says which. The resource is found by its brackets alone: believe it only when its bytes are the committed ones.
std::optional<EntryParts> read_entry(std::string_view text);

// Of an AuditEvent in its canonical form, read from its first bytes; empty when they are others.
std::string_view id_of_canonical(std::string_view event);

// The extension with this URL. nullptr when there is none, or more than one.
const json::Value* extension(const json::Value& of, std::string_view url);

}  // namespace kedge_verify
