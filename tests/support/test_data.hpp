// Public test data that is not part of the project: KEDGE_TEST_DATA, by default ../shared/data beside the source tree.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace support {

struct TestData {
    std::optional<std::filesystem::path> path;
    std::string skip;  // what to say when path is empty
};

// const auto data = support::test_data("synthea/transactions");
// if (!data.path) GTEST_SKIP() << data.skip;
TestData test_data(std::string_view relative);

}  // namespace support
