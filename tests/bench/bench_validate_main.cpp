// bench_validate [SECONDS | --show]: base validations a second of one core, of a typical Observation and of Synthea's resources.
// Reads KEDGE_TEST_DATA (default ../shared/data beside the source). CPU time counts, so that a busy machine does not matter.
// --show prints the Observation, for others to be measured on the same.
#include "fhir/validate/validate.hpp"
#include "tests/support/files.hpp"
#include "tests/support/test_data.hpp"

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <string_view>

namespace {

const char* const kObservation =
    R"({"resourceType":"Observation","id":"o1","meta":{"lastUpdated":"2024-01-01T00:00:00Z"},"status":"final",)"
    R"("category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs","display":"vital-signs"}]}],)"
    R"("code":{"coding":[{"system":"http://loinc.org","code":"29463-7","display":"Body Weight"}],"text":"Body Weight"},)"
    R"("subject":{"reference":"Patient/p1"},"encounter":{"reference":"Encounter/e1"},"effectiveDateTime":"2024-02-03T10:00:00+01:00","issued":"2024-02-03T10:00:00.123+01:00",)"
    R"("valueQuantity":{"value":72.50,"unit":"kg","system":"http://unitsofmeasure.org","code":"kg"}})";

double cpu_s() {
    timespec now{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

void measure(const char* name, const std::vector<json::Value>& resources, double seconds, bool warnings) {
    validate::Options options;
    options.warnings = warnings;
    std::size_t count = 0, issues = 0;
    validate::validate(resources.front(), options);  // compiles the invariants
    const double began = cpu_s();
    while (cpu_s() - began < seconds) {
        for (const auto& resource : resources) issues += validate::validate(resource, options).size();
        count += resources.size();
    }
    const double took = cpu_s() - began;
    std::printf("%-28s %-14s %10.0f /s  %7.1f us each  %zu issues\n", name, warnings ? "with warnings" : "errors only", static_cast<double>(count) / took,
                1e6 * took / static_cast<double>(count), issues);
}

std::vector<json::Value> synthea() {
    std::vector<json::Value> out;
    const auto data = support::test_data("synthea/transactions");
    if (!data.path) return out;
    for (const auto& file : std::filesystem::directory_iterator(*data.path)) {
        auto bundle = json::parse(support::read_file(file.path()));
        if (!bundle) continue;
        for (auto& entry : *bundle->find("entry")->if_array()) out.push_back(std::move(*entry.find("resource")));
    }
    return out;
}

}  // namespace

int main(int count, char** words) {
    if (count > 1 && std::string_view(words[1]) == "--show") {
        std::puts(kObservation);
        return 0;
    }
    const double seconds = count > 1 ? std::strtod(words[1], nullptr) : 2.0;
    const double cold = cpu_s();
    const std::vector<json::Value> one{*json::parse(kObservation)};
    validate::validate(one.front());
    std::printf("first validation (compiles every invariant): %.1f ms\n", 1e3 * (cpu_s() - cold));
    for (const bool warnings : {false, true}) measure("Observation", one, seconds, warnings);
    if (const auto all = synthea(); !all.empty()) {
        for (const bool warnings : {false, true}) measure("Synthea, all types", all, seconds, warnings);
    }
    return 0;
}
