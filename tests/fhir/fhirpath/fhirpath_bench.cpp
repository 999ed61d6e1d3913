// What invariants cost: the kinds of expressions that R4 has, on an Observation as laboratories send it.
#include "fhir/fhirpath/fhirpath.hpp"

#include <benchmark/benchmark.h>

namespace {

const json::Value& observation() {
    static const auto kObservation = *json::parse(R"({"resourceType":"Observation","id":"1","meta":{"lastUpdated":"2020-01-01T00:00:00Z"},
      "text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">x</div>"},"status":"final",
      "category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory"}]}],
      "code":{"coding":[{"system":"http://loinc.org","code":"15074-8","display":"Glucose"}]},"subject":{"reference":"Patient/f001"},
      "effectivePeriod":{"start":"2013-04-02T09:30:10+01:00"},"issued":"2013-04-03T15:30:10+01:00","performer":[{"reference":"Practitioner/f005"}],
      "valueQuantity":{"value":6.3,"unit":"mmol/l","system":"http://unitsofmeasure.org","code":"mmol/L"},
      "interpretation":[{"coding":[{"system":"http://hl7.org/fhir/v3/ObservationInterpretation","code":"H"}]}],
      "referenceRange":[{"low":{"value":3.1,"unit":"mmol/l"},"high":{"value":6.2,"unit":"mmol/l"}}]})");
    return kObservation;
}

void measure(benchmark::State& state, const char* text) {
    const auto expression = *fhirpath::compile(text);
    fhirpath::Environment environment;
    environment.resource = &observation();
    for (auto _ : state) {
        auto result = fhirpath::evaluate_boolean(expression, fhirpath::resource_node(observation()), environment);
        if (!result) state.SkipWithError(result.error().diagnostics.c_str());
        benchmark::DoNotOptimize(result);
    }
}

BENCHMARK_CAPTURE(measure, dom_2, "contained.contained.empty()");
BENCHMARK_CAPTURE(measure, dom_3,
                  "contained.where((('#'+id in (%resource.descendants().reference | %resource.descendants().as(canonical) | "
                  "%resource.descendants().as(uri) | "
                  "%resource.descendants().as(url))) or descendants().where(reference = '#').exists() or descendants().where(as(canonical) "
                  "= '#').exists() or "
                  "descendants().where(as(canonical) = '#').exists()).not()).trace('unmatched', id).empty()");
BENCHMARK_CAPTURE(measure, dom_4, "contained.meta.versionId.empty() and contained.meta.lastUpdated.empty()");
BENCHMARK_CAPTURE(measure, dom_6, "text.`div`.exists()");
BENCHMARK_CAPTURE(measure, obs_6, "dataAbsentReason.empty() or value.empty()");
BENCHMARK_CAPTURE(measure, obs_7, "value.empty() or component.code.where(coding.intersect(%resource.code.coding).exists()).empty()");
BENCHMARK_CAPTURE(measure, ele_1, "hasValue() or (children().count() > id.count())");
BENCHMARK_CAPTURE(measure, matches, "id.matches('^[A-Za-z0-9]{1,64}$')");
BENCHMARK_CAPTURE(measure, quantity, "value > 5 'mmol/L'");

void compile(benchmark::State& state) {
    for (auto _ : state)
        benchmark::DoNotOptimize(
            fhirpath::compile("value.empty() or component.code.where(coding.intersect(%resource.code.coding).exists()).empty()"));
}
BENCHMARK(compile);

}  // namespace

BENCHMARK_MAIN();
