// The part of FHIRPath that R4's search parameters use, compiled along the R4 element types into member steps: unions, paths,
// choice elements, (x as T), as(), ofType(), where(resolve() is T), where(name = 'text'), [n], exists(), and, != (of one parameter).
// The full FHIRPath engine will take other expressions; this one stays for indexing, where its speed counts.
#pragma once

#include "storage/base/json.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace search {

// A value that a path arrived at, with its R4 type ("CodeableConcept", "dateTime", "Observation.component"). A view into the resource.
struct Node {
    const json::Value* value = nullptr;
    std::string_view type;
};

class PathExpression {
  public:
    // For resources of `type`: alternatives of a union that belong to other types are left out. Errors: Kind::not_supported for syntax
    // outside the subset, and for an element that the type does not have; Kind::not_found when no alternative is for this type.
    static base::Result<PathExpression> compile(std::string_view expression, std::string_view type);

    // Appends what the resource holds at this path, in document order for each alternative. Thread-safe.
    void evaluate(const json::Value& resource, std::vector<Node>& out) const;

    // The R4 types a result can have, and those that the paths pass through.
    std::vector<std::string_view> result_types() const;
    bool passes_through(std::string_view type) const;

    struct Place {  // a JSON member and its type
        std::string name;
        std::string_view type;
        bool operator==(const Place&) const = default;
    };
    struct Step {
        enum class Kind : std::uint8_t { member, index, resolves_to, equals } kind = Kind::member;
        std::vector<Place> places;  // member: one, or the types of a choice
        std::size_t index = 0;
        std::string name, text;  // equals: the member's name and the text; resolves_to: text is the type
    };
    struct Path {
        std::vector<Step> steps;
        // A path that ends in a test gives true or false; tests joined by "and" follow each other in `also`.
        enum class Test : std::uint8_t { none, exists, not_false } test = Test::none;
        std::vector<Path> also;
    };

  private:
    std::string_view type_;  // of the resources, from the tables
    std::vector<Path> paths_;
};

}  // namespace search
