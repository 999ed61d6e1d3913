// Walks a resource along the tables of R4 and asks every rule at its place. Inside fhir/validate only.
#pragma once

#include "fhir/definitions/rules.hpp"
#include "fhir/validate/report.hpp"
#include "fhir/validate/scope.hpp"

namespace validate {

class Walker {
  public:
    Walker(const Options& options, Report& report) : options_(options), report_(report) {}

    void top(const json::Value& resource);

  private:
    enum class Role : std::uint8_t { top, contained, nested };

    void resource(const json::Value& value, Role role, const Scope* outer);
    bool has_type(const json::Value& value);
    void object(const json::Value& value, const definitions::ElementType& type, Scope& scope, const Spot* spot);
    void members(const json::Object& object, const definitions::Group& group, Scope& scope, std::uint64_t& seen);
    void unknown(std::string_view name, const definitions::Group& group);
    void member(const json::Value* value, const json::Value* extra, const definitions::Member& member, const definitions::Group& owner, Scope& scope);
    void repetitions(const json::Value* value, const json::Value* extra, const definitions::Member& member, const definitions::Group& owner, Scope& scope);
    void single(const Spot& spot, Scope& scope, bool in_array);
    void primitive(const Spot& spot, Scope& scope, bool in_array);
    void beside_primitive(const Spot& spot, Scope& scope);
    void required(const definitions::Group& group, const json::Object& object, std::uint64_t seen);
    void element_id(const json::Object& object, Scope& scope);
    void at_element(const Spot& spot, Scope& scope);

    const Options& options_;
    Report& report_;
    const Spot* holder_ = nullptr;  // the element whose members are walked; nullptr: a resource
};

}  // namespace validate
