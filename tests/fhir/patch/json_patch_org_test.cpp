// The public cases of json-patch.org: every one that its authors have not switched off must hold.
#include "fhir/patch/json_patch.hpp"
#include "fhir/patch/values.hpp"
#include "tests/support/files.hpp"
#include "tests/support/test_data.hpp"

#include <cstdio>
#include <filesystem>

#include <gtest/gtest.h>

namespace {

// One of the files holds a case with a duplicate key, to show that it must be refused; as our reader refuses the whole file for it, the
// cases are cut out of the array by counting braces and read one by one.
std::vector<std::string> cases_of(const std::string& text) {
    std::vector<std::string> out;
    std::size_t depth = 0, begin = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            if (c == '\\') ++i;
            if (c == '"') in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{') {
            if (depth++ == 0) begin = i;
        } else if (c == '}' && --depth == 0) {
            out.push_back(text.substr(begin, i + 1 - begin));
        }
    }
    return out;
}

struct Count {
    std::size_t held = 0, off = 0, duplicate_keys = 0;
};

void check_case(const std::string& text, Count& count) {
    const auto record = json::parse(text);
    if (!record) {
        EXPECT_NE(record.error().diagnostics.find("duplicate key"), std::string::npos) << record.error().diagnostics << "\n" << text;
        ++count.duplicate_keys;
        return;
    }
    const auto *document = record->find("doc"), *patch = record->find("patch"), *expected = record->find("expected");
    if (document == nullptr || patch == nullptr) return;
    const bool off = record->find("disabled") != nullptr;
    const auto read = patch::JsonPatch::parse(*patch);
    const auto out = read ? read->apply(*document) : base::Result<json::Value>(base::pass(read));
    bool holds = record->find("error") != nullptr ? !out.has_value() : out.has_value();
    if (holds && expected != nullptr) holds = patch::same_value(*out, *expected);
    if (off) {
        ++count.off;
        return;
    }
    EXPECT_TRUE(holds) << text << "\n" << (out ? json::write(*out) : out.error().diagnostics);
    if (holds) ++count.held;
}

TEST(JsonPatchOrg, EveryCaseHolds) {
    const auto data = support::test_data("patch/json-patch-org");
    if (!data.path) GTEST_SKIP() << data.skip;
    Count count;
    for (const auto* name : {"tests.json", "spec_tests.json"}) {
        for (const auto& text : cases_of(support::read_file(*data.path / name))) check_case(text, count);
    }
    std::printf("[          ] json-patch.org: %zu cases hold, %zu are switched off, %zu have duplicate keys\n", count.held, count.off,
                count.duplicate_keys);
    EXPECT_GE(count.held, 108u);
    EXPECT_LE(count.off, 4u);
}

}  // namespace
