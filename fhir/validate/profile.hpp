// One profile, taken apart into a tree of rules by the ids of its snapshot's elements. Inside fhir/validate only.
#pragma once

#include "fhir/fhirpath/fhirpath.hpp"
#include "fhir/validate/profiles.hpp"

#include <optional>
#include <string>
#include <vector>

namespace validate {

struct ProfileConstraint {
    std::string key, human;
    bool error = true;
    fhirpath::Expression expression;
};

struct ProfileType {
    std::string code;
    std::vector<std::string> profiles;  // of the value: extensions and restricted data types
    std::vector<std::string> targets;   // resource types a Reference may point to; empty: not restricted
};

struct Discriminator {
    enum class Type : std::uint8_t { value, exists, type, profile } type = Type::value;  // "pattern" is the same as value
    std::string path;
};

// What the profile says of one element or of one slice of it.
struct Rule {
    std::string name;       // last segment of the path, without [x]
    std::string slice;      // sliceName; empty for the element itself
    std::size_t min = 0;
    std::size_t max = std::size_t(-1);
    bool bounded = false;   // min or max differ from the base specification
    std::vector<ProfileType> types;
    std::optional<json::Value> fixed, pattern;
    std::string value_set;  // canonical of a required or extensible binding that the base specification has not, else empty
    bool strict = false;    // the binding is required
    std::vector<ProfileConstraint> constraints;
    std::vector<Discriminator> discriminators;
    bool sliced = false, closed = false;
    std::vector<Rule> children;
    std::vector<Rule> slices;
};

struct Profile {
    std::string url, name, type;
    Rule root;
};

// Error: Kind::invalid when it has no snapshot, or an expression in it does not compile.
base::Result<Profile> make_profile(const json::Value& structure_definition);

}  // namespace validate
