// A resource shortened for an answer (R4 search.html#summary and #elements): never for the store.
#pragma once

#include "storage/base/json.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace codec {

struct Subset {
    enum class Form : std::uint8_t {
        whole,
        summary,   // _summary=true: what R4 marks as summary, at every level, and what is mandatory there
        text,      // _summary=text: text, id, meta and what is mandatory at the root
        data,      // _summary=data: all but text
        elements,  // _elements: those named, id, meta and what is mandatory at the root
    };
    Form form = Form::whole;
    std::vector<std::string> elements;  // R4 names: "deceased" stands for deceasedBoolean too
};

// Shortens the resource and marks it with the tag SUBSETTED, so that nobody takes it for the whole one and writes it back. implicitRules
// and modifierExtension stay in every form: without them what is left could mean something else. Resources inside it (contained, entries of
// a Bundle) are shortened by the summary form alone. Members that R4 does not know are left out, but for the form `data`.
void take_subset(json::Value& resource, const Subset& subset);

// Does it bear that tag (R4 search.html#summary)?
bool is_subset(const json::Value& resource);

}  // namespace codec
