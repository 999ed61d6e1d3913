// Cuts a file into what can be checked by itself, without reading it whole: JSON values one after the other (so also NDJSON), and of a
// Bundle each entry.
#pragma once

#include "anchoring/kedge_verify/text_scan.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace kedge_verify {

struct Piece {
    enum class Kind {
        entry,       // of a Bundle, or a line that has its form: {"resource": ..., "extension": [proof]}
        resource,    // any other object with a resourceType
        bundle_end,  // a Bundle ended; `text` is its meta, or empty
        malformed,   // `text` says why; nothing follows
    };
    Kind kind = Kind::malformed;
    std::string_view text;
    std::uint64_t number = 0;  // of the entry: from 0, through all Bundles of the file
};

// One thread at a time; the text must outlive it.
class Pieces {
  public:
    explicit Pieces(std::string_view text) : scan_(text), text_(text) {}
    bool next(Piece& out);  // false at the end
    std::size_t offset() const { return scan_.offset(); }

  private:
    // What is known of the object of the file that is being read.
    struct Top {
        std::size_t begin = 0;
        std::string_view type, meta;
        bool typed = false, has_meta = false, has_entries = false, has_resource = false;
    };
    bool begin(Piece& out);
    bool entry_line(Piece& out);
    bool members(Piece& out);  // reads on until a piece is complete
    bool entries(Piece& out);
    bool member(std::string_view key, Piece& out);
    bool end_of_top(Piece& out);
    bool malformed(Piece& out, std::string_view why);

    TextScan scan_;
    std::string_view text_;
    enum class Where { top, members, entries, done } where_ = Where::top;
    Top top_;
    bool first_ = true;  // no member, or no entry, was read yet
    std::uint64_t number_ = 0;
};

}  // namespace kedge_verify
