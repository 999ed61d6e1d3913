// Everything that is done to a resource of one type when it is written, compiled once. Inside search only.
#pragma once

#include "fhir/definitions/definitions.hpp"
#include "fhir/search/path_expression.hpp"

#include <vector>

namespace search {

struct IndexedParameter {
    const definitions::SearchParameter* definition = nullptr;
    PathExpression path;
    bool direct_identifier = false;
};

struct TypePlan {
    std::vector<IndexedParameter> indexed;
    std::vector<const definitions::SearchParameter*> supported;
    std::vector<PathExpression> patients;  // the parameters of the Patient compartment
    std::vector<PathExpression> authors;
    std::vector<PathExpression> codes;
    std::vector<PathExpression> times;  // in the order in which they are tried
};

// nullptr for what is no resource type. The first call for a type compiles its plan; thread-safe.
const TypePlan* plan(std::string_view type);

// Does a value of this parameter name a person?
bool names_a_person(const PathExpression& path);

}  // namespace search
