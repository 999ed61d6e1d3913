// C2SP tlog-proof (https://c2sp.org/tlog-proof, `c2sp.org/tlog-proof@v1`): an inclusion proof and the checkpoint that it leads to, in
// one text that can be checked offline. What kedge needs besides stands in its `extra` line, base64 of the bytes in FORMAT.md.
#pragma once

#include "anchoring/proof/anchor_record.hpp"
#include "anchoring/proof/entry.hpp"

#include <optional>

namespace proof {

struct ProofFile {
    base::Bytes extra;  // empty: no extra line
    std::uint64_t index = 0;
    std::vector<Digest> path;  // from the leaf's sibling up
    std::string checkpoint;    // the signed note, verbatim

    std::string text() const;
    // Strict: every line as the specification has it. Error: Kind::invalid says which line is wrong.
    static base::Result<ProofFile> parse(std::string_view text);
    // The same into memory that is used again.
    static base::Status parse_into(std::string_view text, ProofFile& out);
};

// The `extra` of a kedge proof. Unauthenticated: the entry is proven by the path, the event by the entry's commit.
struct Extra {
    Entry entry;
    std::optional<Salt> salt;          // absent once the event was erased
    std::optional<std::string> event;  // the AuditEvent itself, for a proof that stands alone
    std::optional<AnchorRecord> anchor;
    std::vector<Digest> anchor_path;  // consistency from the checkpoint's size to the anchor's

    base::Bytes encode() const;
    static base::Result<Extra> decode(base::ByteView bytes);  // Kind::invalid
};

}  // namespace proof
