// FHIRPath for R4: expressions are compiled once and evaluated over resources as they are stored, without copying them.
// Normative Release N1 (http://hl7.org/fhirpath/N1) with R4's additions (http://hl7.org/fhir/R4/fhirpath.html).
#pragma once

#include "fhir/definitions/elements.hpp"
#include "storage/base/error.hpp"
#include "storage/base/json.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fhirpath {

struct Syntax;  // the compiled tree, syntax.hpp
class Arena;    // memory of one evaluation, items.hpp
struct Item;    // one value, items.hpp

// An element of a resource where it lies. All three are borrowed: the resource must outlive what was made from it.
struct Node {
    const json::Value* value = nullptr;              // nullptr or null: a primitive that has only an id or extensions
    const json::Value* extra = nullptr;              // of a primitive: the object beside it, "_birthDate"; else nullptr
    const definitions::ElementType* type = nullptr;  // "HumanName", "code", "Patient.contact"; nullptr: not known, the JSON decides
};

// The root of a resource, typed by its own resourceType (unknown or absent: without type).
Node resource_node(const json::Value& resource);
// The type by name for a walk that begins in the middle ("Quantity", "Observation.component", "code"); lives as long as the
// program. nullptr when R4 has none.
const definitions::ElementType* node_type(std::string_view name);
// Is it the type of this name, or one that derives from it? (Age is a Quantity, Patient.contact a BackboneElement.)
bool is_kind_of(const definitions::ElementType& type, std::string_view name);
// The children of one name ("value" finds valueQuantity), typed by the parent; in document order. Appends to `out`.
void children_named(const Node& parent, std::string_view name, std::vector<Node>& out);

struct CompileLimits {
    std::size_t bytes = 64u << 10;  // of the text
    std::size_t depth = 200;        // of the tree: every operator, dot and parenthesis counts one
};

// A compiled expression: immutable, shared by copies, used by any number of threads at once.
class Expression {
  public:
    std::string_view text() const;
    const std::shared_ptr<const Syntax>& syntax() const { return syntax_; }
    // Made by compile() alone.
    explicit Expression(std::shared_ptr<const Syntax> syntax) : syntax_(std::move(syntax)) {}

  private:
    std::shared_ptr<const Syntax> syntax_;
};

// The tree as the FHIRPath Lab shows one (its server-api.md): ExpressionType, Name, Arguments, Line and Column of every term.
json::Value syntax_tree(const Expression& expression);

// Kind::invalid with line and column for what is no FHIRPath, for an unknown function and for a wrong count of arguments;
// Kind::too_large names the limit of the text or of the depth.
base::Result<Expression> compile(std::string_view text, const CompileLimits& limits = {});

struct Limits {
    std::size_t steps = 10'000'000;        // nodes visited, items compared, functions called
    std::size_t items = 1'000'000;         // of all collections of one evaluation together
    std::size_t memory_bytes = 64u << 20;  // strings and numbers made by one evaluation
    std::int32_t regex_ms = 250;           // about, for one match
    std::int32_t time_ms = 0;              // about, of the whole evaluation, by the wall clock; 0: no limit
};

// Items where they lie, borrowed from the evaluation that made them.
class View {
  public:
    View(const Item* items, std::size_t size) : items_(items), size_(size) {}
    std::size_t size() const { return size_; }
    const Item& item(std::size_t index) const;
    // As JSON: elements as they are written, System values as numbers, strings and booleans; a Quantity as "4 'mg'".
    json::Value value(std::size_t index) const;
    // "FHIR.HumanName", "System.Integer"; empty when the type is not known.
    std::string type(std::size_t index) const;
    // The element where it lies; nothing when the item was computed.
    std::optional<Node> node(std::size_t index) const;

  private:
    const Item* items_;
    std::size_t size_;
};

// What an expression may refer to beside its focus. Functions are called on the evaluating thread and may be empty.
struct Environment {
    const json::Value* resource = nullptr;       // %resource; nullptr: the focus
    const json::Value* root_resource = nullptr;  // %rootResource, where contained references are looked up; nullptr: %resource
    // resolve() of what is neither contained nor an entry of a Bundle at the root. The node must outlive the result. Without it
    // such references resolve to nothing.
    std::function<std::optional<Node>(std::string_view reference)> resolve;
    // memberOf() and conformsTo(). Without them the functions fail with Kind::not_supported.
    std::function<base::Result<bool>(const Node& node, std::string_view value_set)> member_of;
    std::function<base::Result<bool>(const Node& node, std::string_view profile)> conforms_to;
    // Its error ends the evaluation.
    std::function<base::Status(std::string_view name, const View& items)> trace;
    std::map<std::string, std::vector<json::Value>, std::less<>> variables;  // %name; objects with a resourceType are typed
    std::map<std::string, std::vector<Node>, std::less<>> nodes;             // %name, with types; asked before `variables`
    std::int64_t now_us = 0;  // for now(), today(), timeOfDay(): us since 1970, UTC; 0: the system's clock
    // A member that the types of the collection do not define is an error, as when the expression had been checked against the
    // definitions; without it the result is empty.
    bool strict = false;
    Limits limits;
};

// The result of an evaluation; owns what was computed, borrows what lies in the resource and in Environment::variables.
class Collection {
  public:
    // Made by evaluate() alone.
    Collection(std::unique_ptr<Arena> arena, std::shared_ptr<const Syntax> syntax, const Item* items, std::size_t size);
    Collection(Collection&&) noexcept;
    Collection& operator=(Collection&&) noexcept;
    ~Collection();

    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    View view() const { return {items_, size_}; }
    const Item& item(std::size_t index) const { return view().item(index); }
    json::Value value(std::size_t index) const { return view().value(index); }
    std::string type(std::size_t index) const { return view().type(index); }
    std::optional<Node> node(std::size_t index) const { return view().node(index); }

  private:
    std::unique_ptr<Arena> arena_;
    std::shared_ptr<const Syntax> syntax_;  // literals lie in it
    const Item* items_;
    std::size_t size_;
};

// Kind::invalid for what FHIRPath calls an error (several items where one is wanted, operands of wrong types ...), with line and
// column; Kind::too_large names the limit that was met; Kind::not_supported names the function; a callback's error as it came.
base::Result<Collection> evaluate(const Expression& expression, const Node& focus, const Environment& environment);

// The same for a rule: nothing when the result is empty, its value when it is one boolean, true when it is one other item
// (singleton evaluation of collections); several items are Kind::invalid. The quick way: makes no collection where none is needed.
base::Result<std::optional<bool>> evaluate_boolean(const Expression& expression, const Node& focus, const Environment& environment);

}  // namespace fhirpath
