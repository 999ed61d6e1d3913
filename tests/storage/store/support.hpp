// A directory that dies with the test, and what is done with its files as an attacker or a disk would.
#pragma once

#include "storage/base/clock.hpp"
#include "storage/crypto/random.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include <gtest/gtest.h>
#include <unistd.h>

namespace store_test {

class TempDir {
  public:
    TempDir() : path_(std::filesystem::temp_directory_path() / ("kedge-store-" + crypto::random_uuid())) {
        std::filesystem::create_directories(path_);
    }
    ~TempDir() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;
    std::string path() const { return path_.string(); }
    std::string file(const std::string& name) const { return (path_ / name).string(); }

  private:
    std::filesystem::path path_;
};

inline std::string slurp(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
}

// Every file below the directory, by name.
inline std::map<std::string, std::string> slurp_all(const std::string& dir) {
    std::map<std::string, std::string> out;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(dir)) {
        if (entry.is_regular_file()) out[entry.path().string()] = slurp(entry.path().string());
    }
    return out;
}

class FixedClock final : public base::Clock {
  public:
    base::TimeUs now_us() const override { return 1'700'000'000'000'000; }
};

}  // namespace store_test

// The error's own words in the test report when a Result that must hold does not.
#define ASSERT_OK(result)                                                                                     \
    do {                                                                                                      \
        const auto& ok_ = (result);                                                                           \
        ASSERT_TRUE(ok_.has_value()) << base::to_string(ok_.error().kind) << ": " << ok_.error().diagnostics; \
    } while (false)
#define EXPECT_OK(result)                                                                                     \
    do {                                                                                                      \
        const auto& ok_ = (result);                                                                           \
        EXPECT_TRUE(ok_.has_value()) << base::to_string(ok_.error().kind) << ": " << ok_.error().diagnostics; \
    } while (false)
#define EXPECT_KIND(result, wanted)                                                                               \
    do {                                                                                                          \
        const auto& failed_ = (result);                                                                           \
        ASSERT_FALSE(failed_.has_value());                                                                        \
        EXPECT_EQ(base::to_string(failed_.error().kind), base::to_string(wanted)) << failed_.error().diagnostics; \
    } while (false)
