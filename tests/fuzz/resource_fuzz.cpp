// What every write does to a resource before it is stored: structural checks, links rewritten, meta set, extraction. Any JSON is taken.
#include "fhir/codec/links.hpp"
#include "fhir/codec/references.hpp"
#include "fhir/codec/resource.hpp"
#include "fhir/codec/structure.hpp"
#include "fhir/search/extract.hpp"
#include "storage/base/encoding.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace {

void must(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "fuzz_resource: %s\n", what);
    std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto resource = json::parse({reinterpret_cast<const char*>(data), size});
    if (!resource) return 0;
    for (const auto& issue : codec::check_structure(*resource, {})) {
        for (const auto& place : issue.expression) must(base::is_utf8(place), "a place is not UTF-8");
    }
    static const codec::LinkMap kLinks{{"urn:uuid:a", {"Patient/1", "1"}}, {"http://h/Patient/x", {"Patient/2", "3"}}};
    codec::rewrite_links(*resource, kLinks, "http://h/Observation/1");
    codec::visit_references(*resource,
                            [](std::string& text) { must(!text.starts_with("urn:uuid:a") || text != "urn:uuid:a", "a link was left"); });
    if (!resource->is_object()) return 0;
    const auto before = *resource;
    codec::set_meta(*resource, 2, 1);
    const auto* meta = before.find("meta");
    if (meta == nullptr || meta->is_object()) must(codec::same_content(before, *resource), "the server's meta changed the content");
    const auto extracted = search::extract(*resource, {"http://h/fhir", {}});
    if (extracted) must(extracted->patient.empty() || extracted->patients.size() >= 1, "a sealing patient without a compartment");
    return 0;
}
