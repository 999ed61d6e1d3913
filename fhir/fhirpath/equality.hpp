// = and ~ (FHIRPath N1 sections 6.1.1 and 6.1.2), and what is built on them: distinct, union, membership.
#pragma once

#include "fhir/fhirpath/items.hpp"

#include <span>
#include <unordered_map>

namespace fhirpath {

enum class Truth : std::uint8_t { no, yes, unknown };

inline Truth truth_of(bool value) {
    return value ? Truth::yes : Truth::no;
}
inline Truth negated(Truth value) {
    return value == Truth::unknown ? value : truth_of(value == Truth::no);
}

// Of two items; unknown for dates of different precision and for quantities that cannot be compared.
Truth equal(const Item& a, const Item& b, Arena& arena);
// Of two collections in their order; unknown when one is empty.
Truth equal(std::span<const Item> a, std::span<const Item> b, Arena& arena);
bool equivalent(const Item& a, const Item& b, Arena& arena);
bool equivalent(std::span<const Item> a, std::span<const Item> b, Arena& arena);  // in any order

// The order of two System values; incomparable when their types have none.
Order order_of(const Item& a, const Item& b, Arena& arena);
// Of an integer, long or decimal; nothing for other kinds.
std::optional<Decimal> number_of(const Item& item);

// A set by equality. Strings are found by hash, other items by comparing them all.
class Seen {
  public:
    explicit Seen(Arena& arena) : arena_(&arena), others_(arena) {}
    bool has(const Item& item) const;
    // False when an equal one is there already.
    bool add(const Item& item);

  private:
    static const std::string* plain_string(const Item& item);

    Arena* arena_;
    std::unordered_map<std::string_view, Item> strings_;
    Items others_;
};

}  // namespace fhirpath
