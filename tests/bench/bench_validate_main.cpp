// bench_validate [SECONDS | --show | --definitions]: base validations a second of one core, of a typical Observation and of Synthea's resources.
// Reads KEDGE_TEST_DATA (default ../shared/data beside the source). CPU time counts, so that a busy machine does not matter.
// --show prints the Observation, for others to be measured on the same. --definitions says what R4's definitions cost: the time until every
// table was read once, and the memory that is resident then.
#include "fhir/definitions/definitions.hpp"
#include "fhir/definitions/rules.hpp"
#include "fhir/terminology/library.hpp"
#include "fhir/validate/validate.hpp"
#include "tests/support/files.hpp"
#include "tests/support/test_data.hpp"

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <set>
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

double resident_mb() {
    std::ifstream in("/proc/self/status");
    std::string word;
    while (in >> word) {
        if (word != "VmRSS:") continue;
        double kilobytes = 0;
        in >> kilobytes;
        return kilobytes / 1024;
    }
    return 0;
}

std::size_t read_group(const definitions::Group& group, std::set<const definitions::Group*>& seen) {
    if (!seen.insert(&group).second) return 0;
    std::size_t bytes = 0;
    for (const auto& element : group.elements) {
        const auto& rules = definitions::rules(element);
        bytes += element.name.size() + rules.targets.size() + rules.constraints.size();
        if (rules.value_set != nullptr) {
            for (const auto& code : rules.value_set->codes) bytes += code.code.size() + code.system.size();
        }
        for (const auto& type : element.types) {
            if (const auto* inner = type.group()) bytes += read_group(*inner, seen);
        }
    }
    return bytes;
}

// Reads every row once: elements, rules, codes, search parameters, invariants, and the heads of the canonical resources.
void show_definitions(const json::Value& observation) {
    const double memory = resident_mb(), began = cpu_s();
    std::set<const definitions::Group*> seen;
    std::size_t bytes = 0;
    for (const auto type : definitions::resource_types()) {
        bytes += read_group(*definitions::group(type), seen);
        for (const auto& parameter : definitions::search_parameters(type)) bytes += parameter.expression.size() + parameter.url.size();
    }
    for (const auto& constraint : definitions::all_constraints()) bytes += static_cast<unsigned char>(constraint.expression.empty() ? 0 : constraint.expression.front());
    const double tables = cpu_s();
    std::printf("R4's tables: %zu groups, all rows read in %.1f ms, %.1f MB more resident (%zu)\n", seen.size(), 1e3 * (tables - began), resident_mb() - memory, bytes);
    const auto terms = terminology::Library::r4();
    const double library = cpu_s();
    std::printf("terminology and profiles: %zu resources known in %.1f ms\n", terms->size(), 1e3 * (library - tables));
    validate::validate(observation);
    std::printf("first validation, with all invariants compiled: %.1f ms\n", 1e3 * (cpu_s() - library));
    std::printf("in all %.1f ms, resident %.1f MB, of which the program had %.1f MB before\n", 1e3 * (cpu_s() - began), resident_mb(), memory);
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
    if (count > 1 && std::string_view(words[1]) == "--definitions") {
        show_definitions(*json::parse(kObservation));
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
