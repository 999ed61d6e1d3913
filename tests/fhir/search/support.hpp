// Test data of the search tests: HL7's examples and Synthea's patients, where they are.
#pragma once

#include "storage/base/json.hpp"
#include "tests/support/files.hpp"
#include "tests/support/test_data.hpp"

#include <filesystem>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

// Every JSON file of the folder below KEDGE_TEST_DATA; none when the folder is not there.
inline std::vector<json::Value> read_all(std::string_view folder) {
    std::vector<json::Value> out;
    const auto data = support::test_data(folder);
    if (!data.path) return out;
    for (const auto& file : std::filesystem::directory_iterator(*data.path)) {
        if (file.path().extension() != ".json") continue;
        auto value = json::parse(support::read_file(file.path()));
        EXPECT_TRUE(value.has_value()) << file.path();
        if (value) out.push_back(std::move(*value));
    }
    return out;
}
