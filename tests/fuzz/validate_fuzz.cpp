// Validation of any JSON: it ends, and what it says can be told to the author. The same bytes are also asked about as a unit.
#include "fhir/fhirpath/unit_form.hpp"
#include "fhir/validate/validate.hpp"
#include "storage/base/encoding.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace {

void must(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "fuzz_validate: %s\n", what);
    std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (size < 200) (void)fhirpath::unit_form(text);
    const auto resource = json::parse(text);
    if (!resource) return 0;
    const auto issues = validate::validate(*resource);
    for (const auto& issue : issues) {
        must(base::is_utf8(issue.expression) && base::is_utf8(issue.diagnostics), "an issue is not UTF-8");
        must(!issue.diagnostics.empty() && !issue.code.empty(), "an issue says nothing");
    }
    // Without warnings the same errors are found.
    const auto errors = validate::validate(*resource, {.warnings = false});
    must(validate::has_errors(issues) == validate::has_errors(errors), "warnings change what is refused");
    return 0;
}
