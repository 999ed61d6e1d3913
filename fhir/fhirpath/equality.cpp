#include "fhir/fhirpath/equality.hpp"

#include "fhir/fhirpath/nodes.hpp"
#include "fhir/fhirpath/text.hpp"

namespace fhirpath {
namespace {

std::optional<Decimal> json_number(const json::Value& value) {
    const auto* number = value.if_number();
    return number == nullptr ? std::nullopt : Decimal::parse(number->text);
}

// Values inside an element: members in any order, list items in theirs, numbers by value.
bool json_equal(const json::Value& a, const json::Value& b, Arena& arena) {
    if (!arena.take_steps()) return false;
    if (const auto* left = a.if_object(), *right = b.if_object(); left != nullptr && right != nullptr) {
        if (left->size() != right->size()) return false;
        for (const auto& [name, value] : *left) {
            const auto* other = right->find(name);
            if (other == nullptr || !json_equal(value, *other, arena)) return false;
        }
        return true;
    }
    if (const auto* left = a.if_array(), *right = b.if_array(); left != nullptr && right != nullptr) {
        if (left->size() != right->size()) return false;
        for (std::size_t i = 0; i < left->size(); ++i) {
            if (!json_equal((*left)[i], (*right)[i], arena)) return false;
        }
        return true;
    }
    const auto left = json_number(a), right = json_number(b);
    return left && right ? *left == *right : a == b;
}

bool json_equivalent(const json::Value& a, const json::Value& b, Arena& arena) {
    if (!arena.take_steps()) return false;
    if (const auto* left = a.if_object(), *right = b.if_object(); left != nullptr && right != nullptr) {
        if (left->size() != right->size()) return false;
        for (const auto& [name, value] : *left) {
            const auto* other = right->find(name);
            if (other == nullptr || !json_equivalent(value, *other, arena)) return false;
        }
        return true;
    }
    if (const auto* left = a.if_array(), *right = b.if_array(); left != nullptr && right != nullptr) {
        if (left->size() != right->size()) return false;
        std::vector<bool> taken(right->size());
        for (const auto& value : *left) {
            bool found = false;
            for (std::size_t i = 0; i < right->size() && !found; ++i) {
                if (taken[i] || !json_equivalent(value, (*right)[i], arena)) continue;
                taken[i] = found = true;
            }
            if (!found) return false;
        }
        return true;
    }
    const auto left = json_number(a), right = json_number(b);
    if (left && right) return equivalent(*left, *right);
    if (const auto* x = a.if_string(), *y = b.if_string(); x != nullptr && y != nullptr) return *x == *y || folded(*x) == folded(*y);
    return a == b;
}

// What a node has beside its value: nothing counts as null.
const json::Value& or_null(const json::Value* value) {
    static const json::Value kNull;
    return value == nullptr ? kNull : *value;
}

const Quantity* quantity_of(const Item& item, Arena& arena) {
    if (item.is(ItemKind::quantity)) return item.quantity;
    if (const auto number = number_of(item)) return arena.make(Quantity{*number});
    bool refused = false;
    return to_quantity(item, arena, refused);
}

bool has_quantity(const Item& a, const Item& b) {
    return a.is(ItemKind::quantity) || b.is(ItemKind::quantity) || (is_fhir_quantity(a) && is_fhir_quantity(b));
}

Truth truth_from(Order order) {
    if (order == Order::unknown) return Truth::unknown;
    return truth_of(order == Order::equal);
}

// Two System values of one kind.
Truth equal_values(const Item& a, const Item& b, Arena& arena) {
    if (a.kind != b.kind) {
        const auto left = number_of(a), right = number_of(b);
        return truth_of(left && right && *left == *right);
    }
    switch (a.kind) {
        case ItemKind::boolean:
            return truth_of(a.boolean == b.boolean);
        case ItemKind::integer:
        case ItemKind::long_integer:
            return truth_of(a.integer == b.integer);
        case ItemKind::decimal:
            return truth_of(*a.decimal == *b.decimal);
        case ItemKind::string:
            return truth_of(a.text() == b.text());
        case ItemKind::temporal:
            return truth_from(compare(*a.temporal, *b.temporal));
        case ItemKind::quantity:
            return truth_from(compare(*a.quantity, *b.quantity));
        case ItemKind::type_name:
            return truth_of(a.type_name->name == b.type_name->name && a.type_name->name_space == b.type_name->name_space);
        case ItemKind::node:
            break;
    }
    return truth_of(json_equal(or_null(a.place.value), or_null(b.place.value), arena) &&
                    json_equal(or_null(a.place.extra), or_null(b.place.extra), arena));
}

}  // namespace

std::optional<Decimal> number_of(const Item& item) {
    if (item.is(ItemKind::integer) || item.is(ItemKind::long_integer)) return Decimal(item.integer);
    return item.is(ItemKind::decimal) ? std::optional(*item.decimal) : std::nullopt;
}

Truth equal(const Item& a, const Item& b, Arena& arena) {
    arena.take_steps();
    // Values lie in the resource: two strings are compared without a copy.
    const Item left = to_system(a, arena), right = to_system(b, arena);
    if (has_quantity(left, right)) {
        const auto *x = quantity_of(left, arena), *y = quantity_of(right, arena);
        if (x != nullptr && y != nullptr) return truth_from(compare(*x, *y));
    }
    return equal_values(left, right, arena);
}

Truth equal(std::span<const Item> a, std::span<const Item> b, Arena& arena) {
    if (a.empty() || b.empty()) return Truth::unknown;
    if (a.size() != b.size()) return Truth::no;
    Truth out = Truth::yes;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const auto one = equal(a[i], b[i], arena);
        if (one == Truth::no) return one;
        if (one == Truth::unknown) out = one;
    }
    return out;
}

bool equivalent(const Item& a, const Item& b, Arena& arena) {
    arena.take_steps();
    const Item left = to_system(a, arena), right = to_system(b, arena);
    if (has_quantity(left, right)) {
        const auto *x = quantity_of(left, arena), *y = quantity_of(right, arena);
        if (x != nullptr && y != nullptr) return equivalent(*x, *y);
    }
    if (left.is(ItemKind::string) && right.is(ItemKind::string))
        return left.text() == right.text() || folded(left.text()) == folded(right.text());
    if (left.is(ItemKind::temporal) && right.is(ItemKind::temporal)) return equivalent(*left.temporal, *right.temporal);
    const auto x = number_of(left), y = number_of(right);
    if (x && y) return equivalent(*x, *y);
    if (!left.is(ItemKind::node) || !right.is(ItemKind::node)) return equal_values(left, right, arena) == Truth::yes;
    return json_equivalent(or_null(left.place.value), or_null(right.place.value), arena);
}

bool equivalent(std::span<const Item> a, std::span<const Item> b, Arena& arena) {
    if (a.size() != b.size()) return false;
    std::vector<bool> taken(b.size());
    for (const auto& item : a) {
        bool found = false;
        for (std::size_t i = 0; i < b.size() && !found; ++i) {
            if (taken[i] || !equivalent(item, b[i], arena)) continue;
            taken[i] = found = true;
        }
        if (!found || !arena.exceeded().empty()) return false;
    }
    return true;
}

Order order_of(const Item& a, const Item& b, Arena& arena) {
    if (has_quantity(a, b)) {
        const auto *x = quantity_of(a, arena), *y = quantity_of(b, arena);
        return x != nullptr && y != nullptr ? compare(*x, *y) : Order::incomparable;
    }
    const auto order = [](int sign) { return sign < 0 ? Order::less : sign > 0 ? Order::greater : Order::equal; };
    if (a.is(ItemKind::string) && b.is(ItemKind::string)) return order(a.text().compare(b.text()));
    if (a.is(ItemKind::temporal) && b.is(ItemKind::temporal)) return compare(*a.temporal, *b.temporal);
    const auto x = number_of(a), y = number_of(b);
    return x && y ? order(x->compare(*y)) : Order::incomparable;
}

// The text of a string of a resource that is no date: equal to another string or to nothing.
const std::string* Seen::plain_string(const Item& item) {
    if (!item.is(ItemKind::node) || item.place.value == nullptr) return nullptr;
    const auto code = item.type == nullptr ? std::string_view() : item.type->code;
    if (code == "date" || code == "dateTime" || code == "instant" || code == "time") return nullptr;
    return item.place.value->if_string();
}

bool Seen::has(const Item& item) const {
    const auto* text = plain_string(item);
    if (text != nullptr || item.is(ItemKind::string)) {
        arena_->take_steps();
        return strings_.contains(text != nullptr ? std::string_view(*text) : item.text());
    }
    for (const auto& other : others_) {
        if (equal(item, other, *arena_) == Truth::yes) return true;
        if (!arena_->exceeded().empty()) return true;
    }
    return false;
}

bool Seen::add(const Item& item) {
    if (has(item)) return false;
    const auto* text = plain_string(item);
    if (text != nullptr || item.is(ItemKind::string))
        strings_.emplace(text != nullptr ? std::string_view(*text) : item.text(), item);
    else
        others_.push(item);
    return true;
}

}  // namespace fhirpath
