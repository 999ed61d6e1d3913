// How long a write spends on extraction: over all resources of the Synthea transactions, with the references as a server stores them.
#include "fhir/codec/links.hpp"
#include "fhir/search/extract.hpp"
#include "tests/fhir/search/support.hpp"

#include <benchmark/benchmark.h>

namespace {

std::vector<json::Value> stored_resources() {
    std::vector<json::Value> out;
    for (const auto& bundle : read_all("synthea/transactions")) {
        codec::LinkMap links;
        for (const auto& entry : *bundle.find("entry")->if_array()) {
            const auto* resource = entry.find("resource");
            links[std::string(entry.text("fullUrl"))] = {
                std::string(resource->text("resourceType")) + "/" + std::string(resource->text("id")), "1"};
        }
        for (const auto& entry : *bundle.find("entry")->if_array()) {
            out.push_back(*entry.find("resource"));
            codec::rewrite_links(out.back(), links, entry.text("fullUrl"));
        }
    }
    return out;
}

void extract(benchmark::State& state) {
    const auto resources = stored_resources();
    if (resources.empty()) return state.SkipWithError("no Synthea data: set KEDGE_TEST_DATA");
    const search::ExtractContext context{"http://127.0.0.1:8080/fhir", "Organization/1"};
    std::size_t rows = 0;
    for (auto _ : state) {
        for (const auto& resource : resources) {
            const auto out = search::extract(resource, context);
            rows += out ? out->index.size() : 0;
        }
    }
    benchmark::DoNotOptimize(rows);
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * resources.size()));
}
BENCHMARK(extract)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
