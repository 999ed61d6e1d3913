// A ValueSet's definition (R4 valueset.html#compose) taken apart. What it means is asked in membership.hpp and expand.hpp.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fhir/terminology/code_system.hpp"

namespace terminology {

struct Filter {
    std::string property, op, value;
};
struct Listed {
    std::string code, display;
    std::vector<Designation> designations;
};
// All parts of one include hold together: the system's codes, met with every value set it names.
struct Include {
    std::string system, version;
    std::vector<Listed> concepts;  // empty: the whole system, or what the filters leave of it
    std::unordered_map<std::string, std::size_t> places;
    std::vector<Filter> filters;
    std::vector<std::string> value_sets;  // canonicals
};

struct ValueSet {
    std::string url, version, title;
    bool inactive = true;  // compose.inactive: are inactive codes in it? Unsaid means yes.
    std::vector<Include> include, exclude;
    json::Value head;      // the resource as it was given but for compose, expansion and narrative
    json::Value compose;   // null when it has none
    std::map<std::string, std::shared_ptr<const ValueSet>, std::less<>> contained;  // by id: what its includes name as "#id"

    // A set without compose but with an expansion is the codes of that expansion. Errors: Kind::invalid with the place when an include
    // names neither system nor value set or a filter lacks a part; Kind::unprocessable when there is neither compose nor a whole expansion.
    static base::Result<ValueSet> parse(const json::Value& resource);
};

}  // namespace terminology
