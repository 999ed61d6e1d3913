// What an evaluation works on: items of 32 bytes that refer to the resource or to the arena, and collections of them.
#pragma once

#include "fhir/fhirpath/fhirpath.hpp"
#include "fhir/fhirpath/quantity.hpp"
#include "fhir/fhirpath/temporal.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

namespace fhirpath {

// Memory of one evaluation: given back all at once. Counts what it gives, so that an expression cannot take it all.
class Arena {
  public:
    explicit Arena(const Limits& limits) : bytes_left_(limits.memory_bytes), items_left_(limits.items), steps_left_(limits.steps) {}
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;

    // Aligned for everything. Never fails: past the limit it says so and goes on, and the evaluator stops at its next step.
    void* allocate(std::size_t bytes);
    template <class T>
    const T* make(const T& value) {
        static_assert(std::is_trivially_destructible_v<T>);
        return new (allocate(sizeof(T))) T(value);
    }
    std::string_view copy(std::string_view text);
    std::string_view concat(std::string_view a, std::string_view b);

    bool take_item() {
        if (items_left_ == 0) return false;
        items_left_ -= 1;
        return true;
    }
    bool take_steps(std::size_t steps = 1) {
        if (steps_left_ < steps) {
            steps_left_ = 0;
            return false;
        }
        steps_left_ -= steps;
        return true;
    }
    // The limit that was met, else empty.
    std::string_view exceeded() const;

  private:
    static constexpr std::size_t kFirst = 2048;
    static constexpr std::size_t kChunk = 32u << 10;

    alignas(std::max_align_t) std::byte first_[kFirst];
    std::byte* at_ = first_;
    std::size_t left_ = kFirst;
    std::vector<std::unique_ptr<std::byte[]>> chunks_;
    std::size_t bytes_left_, items_left_, steps_left_;
    bool out_of_memory_ = false;
};

enum class ItemKind : std::uint8_t { node, boolean, integer, long_integer, decimal, string, temporal, quantity, type_name };

// The name of a type as type() gives it.
struct TypeName {
    std::string_view name_space, name;
};

struct Item {
    ItemKind kind = ItemKind::boolean;
    const definitions::ElementType* type = nullptr;  // of a node
    union {
        struct {
            const json::Value* value;
            const json::Value* extra;
        } place;
        bool boolean;
        std::int64_t integer;  // and long_integer
        const Decimal* decimal;
        struct {
            const char* data;
            std::size_t size;
        } chars;
        const Temporal* temporal;
        const Quantity* quantity;
        const TypeName* type_name;
    };

    Item() : place{nullptr, nullptr} {}
    static Item of(const Node& node) {
        Item out;
        out.kind = ItemKind::node;
        out.type = node.type;
        out.place = {node.value, node.extra};
        return out;
    }
    static Item of(bool value) {
        Item out;
        out.boolean = value;
        return out;
    }
    static Item of_integer(std::int64_t value, ItemKind kind = ItemKind::integer) {
        Item out;
        out.kind = kind;
        out.integer = value;
        return out;
    }
    // The text must live as long as the item: in the arena, the resource or the expression.
    static Item of_string(std::string_view text) {
        Item out;
        out.kind = ItemKind::string;
        out.chars = {text.data(), text.size()};
        return out;
    }
    static Item of(const Decimal* value) {
        Item out;
        out.kind = ItemKind::decimal;
        out.decimal = value;
        return out;
    }
    static Item of(const Temporal* value) {
        Item out;
        out.kind = ItemKind::temporal;
        out.temporal = value;
        return out;
    }
    static Item of(const Quantity* value) {
        Item out;
        out.kind = ItemKind::quantity;
        out.quantity = value;
        return out;
    }
    static Item of(const TypeName* value) {
        Item out;
        out.kind = ItemKind::type_name;
        out.type_name = value;
        return out;
    }

    Node node() const { return {place.value, place.extra, type}; }
    std::string_view text() const { return {chars.data, chars.size}; }
    bool is(ItemKind other) const { return kind == other; }
};
static_assert(std::is_trivially_copyable_v<Item>);

// A collection being made. Small ones need no memory of their own; larger ones lie in the arena.
class Items {
  public:
    explicit Items(Arena& arena) : arena_(&arena) {}
    Items(const Items&) = delete;
    Items& operator=(const Items&) = delete;

    void push(const Item& item) {
        if (size_ == capacity_) grow();
        if (!arena_->take_item()) return;
        data_[size_++] = item;
    }
    void append(std::span<const Item> items) {
        for (const auto& item : items) push(item);
    }
    void clear() { size_ = 0; }
    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    const Item& operator[](std::size_t index) const { return data_[index]; }
    const Item* begin() const { return data_; }
    const Item* end() const { return data_ + size_; }
    std::span<const Item> span() const { return {data_, size_}; }
    Item* data() { return data_; }

  private:
    void grow();

    static constexpr std::size_t kInline = 4;
    Arena* arena_;
    std::size_t size_ = 0, capacity_ = kInline;
    alignas(Item) std::byte inline_[kInline * sizeof(Item)];  // raw: most collections stay small, and setting it would cost
    Item* data_ = reinterpret_cast<Item*>(inline_);
};

}  // namespace fhirpath
