// What one version puts into the derived index, as text and tokens: independent of the numbers that index.db gives to names, so that
// it can be kept in a redo row and applied again. Internal to storage/store; storage/FORMAT.md has the grammar.
#pragma once

#include "storage/crypto/secret.hpp"
#include "storage/store/packed_id.hpp"
#include "storage/store/record.hpp"

#include <optional>

namespace store {

// How a value is stored: DO NOT CHANGE the numbers.
enum class Shape : std::uint8_t {
    text = 0,    // a code, URI or folded string as it is
    packed = 1,  // a packed id, or the 16 bytes of an HMAC token
    range = 2,   // low and high, with a unit as text or nothing
};

struct IndexTerm {
    std::string param;   // the name of the parameter in index.db: param_name()
    std::string system;  // empty: none
    Shape shape = Shape::text;
    std::string value;
    std::int64_t low = 0, high = 0;
};

struct IndexRow {
    std::uint64_t seq = 0, prior_seq = 0;  // prior: the version that this one replaces, 0: none
    std::string type, id;
    std::uint32_t version = 0;
    base::TimeUs updated_us = 0;
    bool deleted = false;
    Patients patients;
    std::string facts;
    std::vector<IndexTerm> terms;
};

// Parameters are numbered by type, kind and whether their values are tokens, so that rows of different meaning never meet.
std::string param_name(std::string_view type, std::string_view param, IndexEntry::Kind kind, bool direct_identifier);
// The beginning of param_name for every type.
std::string param_name_prefix(std::string_view param, IndexEntry::Kind kind, bool direct_identifier);

// Direct identifiers (names, addresses, numbers of people) stand in the index as keyed tokens only.
class Tokens {
  public:
    explicit Tokens(crypto::Key key) : key_(std::move(key)) {}
    std::string whole(std::string_view param, std::string_view value) const;
    // For "starts with": the token of the value's first characters.
    std::string beginning(std::string_view param, std::string_view value) const;

  private:
    std::string make(char domain, std::string_view param, std::string_view value) const;
    crypto::Key key_;
};

// A direct identifier can be searched by its first 1 to 64 characters (code points).
constexpr std::size_t kLongestPrefix = 64;
// The lengths in bytes of the first 1, 2, ... kLongestPrefix code points of a UTF-8 text.
std::vector<std::size_t> prefix_lengths(std::string_view text);

IndexRow index_row(const NewRecord& record, std::uint64_t seq, std::uint64_t prior_seq, const Tokens& tokens);

void write_index_row(base::Writer& out, const IndexRow& row);
// nullopt when the bytes are no row.
std::optional<IndexRow> read_index_row(base::Reader& in);

}  // namespace store
