// search::PathExpression takes any expression for any type: compiling and evaluating end, and touch nothing outside the resource.
#include "fhir/search/path_expression.hpp"

#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto kPatient = json::parse(R"({"resourceType":"Patient","id":"1","contained":[{"resourceType":"Patient","id":"p"}],
      "name":[{"given":["a",null],"_given":[null,{"id":"x"}]}],"deceasedBoolean":false,"link":[{"other":{"reference":"#p"}}],
      "telecom":[{"system":"phone","value":"1"}]})");
    static const auto kObservation =
        json::parse(R"({"resourceType":"Observation","id":"1","subject":{"reference":"Patient/1"},"valueQuantity":{"value":1.0}})");
    if (size > 4096) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    for (const auto* resource : {&*kPatient, &*kObservation}) {
        const auto path = search::PathExpression::compile(text, resource->text("resourceType"));
        if (!path) continue;
        std::vector<search::Node> nodes;
        path->evaluate(*resource, nodes);
        for (const auto& node : nodes) (void)json::write(*node.value);
    }
    return 0;
}
