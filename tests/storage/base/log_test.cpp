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

TEST(Seldom, says_the_first_and_keeps_the_rest) {
    Seldom log(std::chrono::hours(1));
    const auto out = said([&] {
        for (int n = 0; n < 100; ++n) log.error("the disk is full");
    });
    EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 1) << out;
    EXPECT_TRUE(out.ends_with(" error the disk is full\n")) << out;
}

TEST(Seldom, says_how_many_it_kept) {
    Seldom log(std::chrono::milliseconds(20));
    const auto out = said([&] {
        for (int n = 0; n < 5; ++n) log.error("the disk is full");
        std::this_thread::sleep_for(std::chrono::milliseconds(40));
        log.error("the disk is full");
    });
    EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 2) << out;
    EXPECT_TRUE(out.ends_with("the disk is full (and 4 times before, not written)\n")) << out;
}

TEST(Seldom, many_threads_say_one_line) {
    Seldom log(std::chrono::hours(1));
    const auto out = said([&] {
        std::vector<std::thread> threads;
        for (int n = 0; n < 8; ++n) {
            threads.emplace_back([&] {
                for (int again = 0; again < 1000; ++again) log.error("the disk is full");
            });
        }
        for (auto& thread : threads) thread.join();
    });
    EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 1) << out;
}

}  // namespace
