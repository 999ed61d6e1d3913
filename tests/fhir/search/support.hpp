// Test data of the search tests: HL7's examples and Synthea's patients, where they are.
#pragma once

#include "storage/base/json.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include <gtest/gtest.h>

inline std::filesystem::path test_data() {
    const char* given = std::getenv("KEDGE_TEST_DATA");
    return given != nullptr ? given : KEDGE_SOURCE_DIR "/../shared/data";
}

inline json::Value read_json(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    auto value = json::parse(text);
    EXPECT_TRUE(value.has_value()) << file;
    return value ? std::move(*value) : json::Value();
}

inline std::vector<json::Value> read_all(const std::filesystem::path& folder) {
    std::vector<json::Value> out;
    if (!std::filesystem::exists(folder)) return out;
    for (const auto& file : std::filesystem::directory_iterator(folder)) {
        if (file.path().extension() == ".json") out.push_back(read_json(file.path()));
    }
    return out;
}

// The resources of Synthea's bundles, with the id that a server would give (Synthea writes one).
inline std::vector<json::Value> synthea_resources() {
    std::vector<json::Value> out;
    for (const auto& bundle : read_all(test_data() / "synthea/transactions")) {
        const auto* entries = bundle.find("entry");
        if (entries == nullptr || !entries->is_array()) continue;
        for (const auto& entry : *entries->if_array()) {
            if (const auto* resource = entry.find("resource")) out.push_back(*resource);
        }
    }
    return out;
}
