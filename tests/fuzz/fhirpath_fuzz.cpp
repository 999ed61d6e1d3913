// fhirpath takes any expression on any resource: compiling and evaluating end within their limits, and touch nothing outside of the
// resource. Both ways of evaluating agree.
#include "fhir/fhirpath/fhirpath.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto kPatient = json::parse(R"({"resourceType":"Patient","id":"1","contained":[{"resourceType":"Patient","id":"p"}],
      "name":[{"given":["a",null,"ü"],"_given":[null,{"id":"x"}],"period":{"start":"2020-02","end":"2020-02-29"}}],"deceasedBoolean":false,
      "link":[{"other":{"reference":"#p"}}],"birthDate":"1974-12-25","telecom":[{"system":"phone","value":"1","rank":1}]})");
    static const auto kObservation = json::parse(R"({"resourceType":"Observation","id":"1","subject":{"reference":"Patient/1"},
      "valueQuantity":{"value":1.0,"unit":"kg","system":"http://unitsofmeasure.org","code":"kg"},"effectiveDateTime":"2020-01-01T10:00:00+01:00"})");
    if (size > 4096) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto expression = fhirpath::compile(text);
    if (!expression) return 0;
    for (const auto* resource : {&*kPatient, &*kObservation}) {
        fhirpath::Environment environment;
        environment.resource = resource;
        environment.now_us = 1'600'000'000'000'000;
        environment.limits = {20'000, 20'000, 4u << 20, 20};
        const auto result = fhirpath::evaluate(*expression, fhirpath::resource_node(*resource), environment);
        const auto quick = fhirpath::evaluate_boolean(*expression, fhirpath::resource_node(*resource), environment);
        if (!result) continue;
        for (std::size_t i = 0; i < result->size(); ++i) (void)(json::write(result->value(i)) + result->type(i));
        // The quick way may stop early where the other meets an error, never the other way round but for several items.
        if (result->empty() && quick && quick->has_value()) std::abort();
        if (result->size() == 1 && quick && result->value(0).is_bool() && (!quick->has_value() || **quick != *result->value(0).if_bool()))
            std::abort();
    }
    return 0;
}
