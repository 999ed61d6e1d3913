// Exact JSON: what went in comes out. Numbers keep the text they were written with (1.10 stays 1.10), members keep their
// order, a duplicate key is refused, depth and size are bounded. FHIR R4 json.html#primitive: precision is significant.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "storage/base/error.hpp"

namespace json {

class Value;
struct Null {
    bool operator==(const Null&) const = default;
};
// A number as written; RFC 8259 grammar was checked when it was read.
struct Number {
    std::string text;
    bool operator==(const Number&) const = default;
};
using Array = std::vector<Value>;
using Member = std::pair<std::string, Value>;

// Members in the order they were written. Linear search: FHIR objects are small.
class Object {
  public:
    const Value* find(std::string_view key) const;  // nullptr when absent; valid until the object changes
    Value* find(std::string_view key);
    Value& set(std::string key, Value value);        // replaces in place, or appends
    Value& set_first(std::string key, Value value);  // replaces in place, or puts it in front
    bool erase(std::string_view key);                // false when absent
    bool empty() const;
    std::size_t size() const;
    auto begin() const;
    auto end() const;
    auto begin();
    auto end();
    std::vector<Member>& members() { return members_; }
    bool operator==(const Object&) const;  // same members in any order

  private:
    std::vector<Member> members_;
};

// A value type: copies are deep, moves are cheap.
class Value {
  public:
    Value() = default;  // null
    Value(Null) {}
    Value(bool v) : data_(v) {}
    Value(Number v) : data_(std::move(v)) {}
    Value(std::string v) : data_(std::move(v)) {}
    Value(std::string_view v) : data_(std::string(v)) {}
    Value(const char* v) : data_(std::string(v)) {}
    Value(Array v) : data_(std::move(v)) {}
    Value(Object v) : data_(std::move(v)) {}
    static Value number(std::int64_t v);

    bool is_null() const { return std::holds_alternative<Null>(data_); }
    bool is_bool() const { return std::holds_alternative<bool>(data_); }
    bool is_number() const { return std::holds_alternative<Number>(data_); }
    bool is_string() const { return std::holds_alternative<std::string>(data_); }
    bool is_array() const { return std::holds_alternative<Array>(data_); }
    bool is_object() const { return std::holds_alternative<Object>(data_); }

    // nullptr when the value is of another kind.
    const std::string* if_string() const { return std::get_if<std::string>(&data_); }
    std::string* if_string() { return std::get_if<std::string>(&data_); }
    const Array* if_array() const { return std::get_if<Array>(&data_); }
    Array* if_array() { return std::get_if<Array>(&data_); }
    const Object* if_object() const { return std::get_if<Object>(&data_); }
    Object* if_object() { return std::get_if<Object>(&data_); }
    const Number* if_number() const { return std::get_if<Number>(&data_); }
    const bool* if_bool() const { return std::get_if<bool>(&data_); }

    // The member of an object, else nullptr (also when this is no object).
    const Value* find(std::string_view key) const;
    Value* find(std::string_view key);
    // The text of a string member, else empty.
    std::string_view text(std::string_view key) const;

    bool operator==(const Value&) const = default;

  private:
    std::variant<Null, bool, Number, std::string, Array, Object> data_;
};

// Here, because a Member is complete only now (clang insists).
inline bool Object::empty() const { return members_.empty(); }
inline std::size_t Object::size() const { return members_.size(); }
inline auto Object::begin() const { return members_.begin(); }
inline auto Object::end() const { return members_.end(); }
inline auto Object::begin() { return members_.begin(); }
inline auto Object::end() { return members_.end(); }

struct Limits {
    std::size_t bytes = 64u << 20;  // of the whole text
    std::size_t depth = 64;         // nested arrays and objects; FHIR R4 resources stay below 30
    std::size_t values = 4'000'000; // of the whole document
};

// Strict RFC 8259 and UTF-8; a byte order mark is refused. Error: Kind::invalid with line and column, and in
// `expression` the JSON place (for example Patient.name[0].given); Kind::too_large names the limit that was met.
base::Result<Value> parse(std::string_view text, const Limits& limits = {});

// The canonical stored form (storage/FORMAT.md): no white space, members in their order, numbers as written, strings in
// UTF-8 with the shortest escapes. parse(write(v)) == v and write(parse(t)) is a fixed point.
std::string write(const Value& value);
void write(const Value& value, std::string& out);  // appends
void write_string(std::string_view text, std::string& out);  // appends it quoted and escaped, as write() would
// Two spaces of indent, a line end after each member: for people (_pretty).
std::string write_pretty(const Value& value);

}  // namespace json
