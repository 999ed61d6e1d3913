// C2SP tlog-checkpoint (https://c2sp.org/tlog-checkpoint): a signed note whose text is origin, size and root of a log.
#pragma once

#include "anchoring/proof/merkle.hpp"
#include "anchoring/proof/note.hpp"

namespace proof {

struct Checkpoint {
    std::string origin;
    std::uint64_t size = 0;
    Digest root{};
    bool operator==(const Checkpoint&) const = default;
};

std::string checkpoint_text(const Checkpoint& checkpoint);
// Strict: no extension lines are understood (the specification discourages them), no leading zeroes. Error: Kind::invalid.
base::Result<Checkpoint> parse_checkpoint_text(std::string_view text);

// Opens the note with the log's key and reads it; the origin must be the key's name. Error: Kind::invalid.
base::Result<Checkpoint> open_checkpoint(std::string_view note, const VerifierKey& key);

// A decimal number without sign or leading zeroes, as in all C2SP texts. Error: Kind::invalid.
base::Result<std::uint64_t> parse_decimal(std::string_view text);
// Exactly 32 bytes of base64. Error: Kind::invalid.
base::Result<Digest> parse_hash(std::string_view base64);

}  // namespace proof
