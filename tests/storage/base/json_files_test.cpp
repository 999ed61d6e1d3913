// Round trip over real FHIR files, with nlohmann's parser as a second opinion.
#include "storage/base/json.hpp"
#include "tests/support/files.hpp"
#include "tests/support/test_data.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace {

struct Seen {
    std::size_t files = 0, strings = 0;
};

// What the canonical form must be, made without our reader: every string token as nlohmann writes it (UTF-8, shortest escapes), white
// space between tokens left out, all else (numbers above all) byte for byte as it stands.
std::string canonical(std::string_view text, Seen& seen) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '"') {
            const auto from = i++;
            for (; text[i] != '"'; ++i) i += text[i] == '\\' ? 1 : 0;
            out += nlohmann::json::parse(text.substr(from, i + 1 - from)).dump();
            ++seen.strings;
        } else if (std::string_view(" \n\r\t").find(text[i]) == std::string_view::npos) {
            out += text[i];
        }
    }
    return out;
}

void check_file(const std::filesystem::path& path, Seen& seen) {
    SCOPED_TRACE(path.filename().string());
    const auto text = support::read_file(path);
    const auto value = json::parse(text);
    ASSERT_TRUE(value) << value.error().diagnostics;
    const auto written = json::write(*value);
    EXPECT_EQ(written, canonical(text, seen));
    const auto again = json::parse(written);
    ASSERT_TRUE(again);
    EXPECT_EQ(*again, *value);
    EXPECT_EQ(json::write(*again), written);
    EXPECT_EQ(*json::parse(json::write_pretty(*value)), *value);
    ++seen.files;
}

TEST(JsonFiles, R4ExamplesComeOutAsTheyWentIn) {
    const auto data = support::test_data("r4-examples/json");
    if (!data.path) GTEST_SKIP() << data.skip;
    Seen seen;
    for (const auto& path : support::files_below(*data.path, ".json")) check_file(path, seen);
    EXPECT_GE(seen.files, 300u);
    EXPECT_GE(seen.strings, 50'000u);
}

TEST(JsonFiles, SyntheaBundlesComeOutAsTheyWentIn) {
    const auto data = support::test_data("synthea/transactions");
    if (!data.path) GTEST_SKIP() << data.skip;
    Seen seen;
    for (const auto& path : support::files_below(*data.path, ".json")) check_file(path, seen);
    EXPECT_GE(seen.files, 12u);
}

}  // namespace
