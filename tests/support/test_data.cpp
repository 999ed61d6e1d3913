#include "tests/support/test_data.hpp"

#include <cstdlib>

namespace support {

TestData test_data(std::string_view relative) {
    const char* named = std::getenv("KEDGE_TEST_DATA");
    const auto root =
        named != nullptr && *named != '\0' ? std::filesystem::path(named) : std::filesystem::path(KEDGE_SOURCE_DIR "/../shared/data");
    auto path = root / relative;
    if (std::filesystem::exists(path)) return {std::move(path), {}};
    return {std::nullopt, "test data '" + std::string(relative) + "' is not there; set KEDGE_TEST_DATA to the folder that holds it"};
}

}  // namespace support
