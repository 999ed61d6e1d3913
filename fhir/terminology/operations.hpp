// R4's terminology operations (terminology-service.html): pure functions from arguments to the resource that is answered.
#pragma once

#include "fhir/terminology/arguments.hpp"
#include "fhir/terminology/library.hpp"

namespace terminology {

struct Question {
    const Library& library;
    const Arguments& arguments;
    const json::Value* instance = nullptr;  // of CodeSystem/7/$...: that resource
    std::string identifier, timestamp;      // of an expansion
};
struct Answer {
    json::Value resource;           // Parameters, or the ValueSet with its expansion
    std::vector<std::string> used;  // Entry::source() of stored resources that it was made of, for the audit trail
};

// Errors beside those of each: Kind::not_supported when an operation of the type is asked of an instance.
base::Result<Answer> answer(const Operation& operation, const Question& question);

// Kind::not_found: system, set or map, or the code of a $lookup, is not known here. Kind::not_supported: it is known by name, but what
// it holds is not here in full, so that nobody here can say. Kind::invalid: arguments are missing or contradict each other (the sentence
// says which). Kind::unprocessable: what is asked about makes no sense, or is too costly.
base::Result<Answer> expand(const Question& question);
base::Result<Answer> validate_in_set(const Question& question);
base::Result<Answer> validate_in_system(const Question& question);
base::Result<Answer> lookup(const Question& question);
base::Result<Answer> subsumes(const Question& question);
base::Result<Answer> translate(const Question& question);

}  // namespace terminology
