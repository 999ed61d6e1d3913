// search::parse_query takes any query string: it never crashes, what it took reads back to the same search, and its words are UTF-8.
#include "fhir/http/query.hpp"
#include "fhir/search/parse_query.hpp"
#include "storage/base/encoding.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace {

void must(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "fuzz_search_query: %s\n", what);
    std::abort();
}

}  // namespace

// The first byte chooses the type and the handling, the rest is the query string.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    constexpr std::string_view kTypes[] = {"", "Patient", "Observation", "Task"};
    search::QueryContext context;
    context.type = kTypes[data[0] & 3];
    context.base_url = "http://h/fhir";
    context.handling = (data[0] & 4) != 0 ? search::Handling::lenient : search::Handling::strict;
    context.for_condition = (data[0] & 8) != 0;
    const auto pairs = http::parse_query({reinterpret_cast<const char*>(data) + 1, size - 1});
    if (!pairs) return 0;
    const auto request = search::parse_query(*pairs, context);
    if (!request) {
        must(base::is_utf8(request.error().diagnostics), "diagnostics are not UTF-8");
        for (const auto& place : request.error().expression) must(base::is_utf8(place), "a place is not UTF-8");
        return 0;
    }
    const auto again = search::parse_query(request->used, context);
    must(again.has_value(), "the self link is refused");
    must(again->used == request->used && again->count == request->count, "the self link is no fixed point");
    must(again->query.criteria.size() == request->query.criteria.size(), "the self link lost a criterion");
    must(again->query.only_patients == request->query.only_patients, "the self link narrows otherwise");
    return 0;
}
