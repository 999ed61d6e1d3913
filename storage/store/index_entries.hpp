// The terms of one version as they stand in its row of index.db (numbers for names). A search tests every criterion against these;
// the tables `term` and `span` only find candidates. Internal to storage/store; storage/FORMAT.md has the grammar.
#pragma once

#include "storage/store/index_row.hpp"

namespace store {

struct StoredTerm {
    std::int64_t param = 0, system = 0;  // system 0: none
    Shape shape = Shape::text;
    std::string_view value;  // into the blob
    std::int64_t low = 0, high = 0;
};

void append_term(std::string& out, const StoredTerm& term);

// Walks a blob: `while (walk.next(term))`. malformed() afterwards when the bytes are no terms.
class TermWalk {
  public:
    explicit TermWalk(base::ByteView blob) : at_(blob.data()), end_(blob.data() + blob.size()) {}
    bool next(StoredTerm& term);
    bool malformed() const { return malformed_; }

  private:
    std::uint64_t number();
    const std::uint8_t* at_;
    const std::uint8_t* end_;
    bool malformed_ = false;
};

}  // namespace store
