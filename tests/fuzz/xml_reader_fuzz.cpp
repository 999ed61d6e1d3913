// FHIR XML out of a stranger's body: whatever is taken must be JSON that reads back, and what can be written as XML again must read as the
// same resource.
#include "fhir/codec/xml.hpp"
#include "storage/base/encoding.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace {

void must(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "fuzz_xml_reader: %s\n", what);
    std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const json::Limits limits{.bytes = 1 << 16, .depth = 32, .values = 10'000};
    const auto tree = codec::from_xml({reinterpret_cast<const char*>(data), size}, limits);
    if (!tree) {
        must(base::is_utf8(tree.error().diagnostics), "diagnostics are not UTF-8");
        for (const auto& place : tree.error().expression) must(base::is_utf8(place), "a place is not UTF-8");
        return 0;
    }
    const auto text = json::write(*tree);
    const auto again = json::parse(text);
    must(again && *again == *tree, "what was read is no JSON");
    const auto xml = codec::to_xml(*tree, size % 2 == 0 ? codec::XmlStyle::compact : codec::XmlStyle::pretty);
    must(xml.has_value(), "what was read from XML cannot be written as XML");
    const auto back = codec::from_xml(*xml);
    must(back && json::write(*back) == text, "the resource changed on its way through XML");
    return 0;
}
