#include "storage/base/log.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace {

using base::log::Seldom;

std::string said(const std::function<void()>& what) {
    ::testing::internal::CaptureStderr();
    what();
    return ::testing::internal::GetCapturedStderr();
}

constexpr auto kStart = Seldom::Clock::time_point() + std::chrono::hours(1);

TEST(Seldom, says_the_first_and_keeps_the_rest) {
    Seldom log;
    const auto out = said([&] {
        for (int n = 0; n < 100; ++n) log.error("the disk is full", kStart + n * std::chrono::milliseconds(99));
    });
    EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 1) << out;
    EXPECT_TRUE(out.ends_with(" error the disk is full\n")) << out;
}

TEST(Seldom, says_how_many_it_kept_when_the_time_is_over) {
    Seldom log;
    const auto out = said([&] {
        for (int n = 0; n < 5; ++n) log.error("the disk is full", kStart);
        log.error("the disk is full", kStart + Seldom::kBetween);
    });
    EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 2) << out;
    EXPECT_TRUE(out.ends_with("the disk is full (4 lines like this were not written)\n")) << out;
    EXPECT_TRUE(said([&] { log.error("the disk is full", kStart + 2 * Seldom::kBetween); }).ends_with(" error the disk is full\n"));
}

TEST(Seldom, many_threads_say_one_line) {
    Seldom log;
    const auto out = said([&] {
        std::vector<std::thread> threads;
        for (int n = 0; n < 8; ++n) {
            threads.emplace_back([&] {
                for (int again = 0; again < 1000; ++again) log.error("the disk is full", kStart);
            });
        }
        for (auto& thread : threads) thread.join();
    });
    EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 1) << out;
}

}  // namespace
