// What an operation is asked with: read from a query string or a Parameters resource, each name checked against the operation's own list,
// so that nothing is ever passed over in silence.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/json.hpp"

namespace terminology {

struct ParameterSpec {
    enum class Kind : std::uint8_t { text, flag, integer, coding, codeable, resource } kind = Kind::text;
    std::string_view name;
    bool many = false;
    bool supported = true;  // false: R4 has it, kedge refuses it by name
};
struct Operation {
    std::string_view type, name;  // "ValueSet", "expand"
    std::string_view definition;  // canonical of R4's OperationDefinition
    bool of_instance = false;
    std::span<const ParameterSpec> parameters;
};
std::span<const Operation> operations();
const Operation* find_operation(std::string_view type, std::string_view name);  // name without $; nullptr when there is none

struct Argument {
    std::string name;
    json::Value value;      // of valueX, of a query parameter its text, or the resource
    bool resource = false;
};

class Arguments {
  public:
    // Errors: Kind::invalid for a name that R4 does not define, a repetition of what may be given once, a value of another type;
    // Kind::not_supported for a parameter of R4's that kedge does not take. All name the parameter.
    static base::Result<Arguments> make(const Operation& operation, std::vector<Argument> given);
    // The parameters of a Parameters resource. Error: Kind::invalid with the place of one without a name or a value.
    static base::Result<std::vector<Argument>> read(const json::Value& parameters);

    std::string text(std::string_view name) const;  // empty when absent
    std::vector<std::string> texts(std::string_view name) const;
    std::optional<bool> flag(std::string_view name) const;
    std::optional<std::size_t> integer(std::string_view name) const;
    const json::Value* value(std::string_view name) const;  // a Coding, CodeableConcept or resource; nullptr when absent
    bool has(std::string_view name) const { return value(name) != nullptr; }
    const std::vector<Argument>& all() const { return given_; }

  private:
    std::vector<Argument> given_;  // texts as strings, flags as booleans, integers as numbers
};

}  // namespace terminology
