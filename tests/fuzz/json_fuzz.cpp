// json::parse takes any bytes: it never crashes, what it takes comes back, and it agrees with nlohmann's parser on what JSON is.
#include "storage/base/encoding.hpp"
#include "storage/base/json.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <nlohmann/json.hpp>

namespace {

void must(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "fuzz_json: %s\n", what);
    std::abort();
}

// The differences that are meant: nlohmann's reader takes a NUL byte for the end and ignores a byte order mark, it has no limits,
// keeps the last of two equal keys, and refuses numbers past the range of a double.
bool must_agree(std::string_view text, const base::Result<json::Value>& ours) {
    if (text.find('\0') != std::string_view::npos || text.starts_with("\xef\xbb\xbf")) return false;
    if (ours) return text.find_first_of("eE") == std::string_view::npos && text.size() < 300;
    return ours.error().kind != base::Kind::too_large && !ours.error().diagnostics.starts_with("duplicate key");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto value = json::parse(text, {.bytes = 1 << 20, .depth = 32, .values = 10'000});
    if (must_agree(text, value)) must(nlohmann::json::accept(text) == value.has_value(), "another parser sees it differently");
    if (!value) {
        must(base::is_utf8(value.error().diagnostics), "diagnostics are not UTF-8");
        for (const auto& place : value.error().expression) must(base::is_utf8(place), "a place is not UTF-8");
        return 0;
    }
    const auto written = json::write(*value);
    const auto again = json::parse(written);
    must(again && *again == *value, "what was written does not read back");
    must(json::write(*again) == written, "writing is no fixed point");
    const auto pretty = json::parse(json::write_pretty(*value));
    must(pretty && *pretty == *value, "the pretty form does not read back");
    return 0;
}
