#include "storage/base/thread.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <thread>

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

namespace {

int nice_here() {
    errno = 0;
    return ::getpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()));
}

TEST(Thread, has_a_name_and_a_nice_value_of_its_own) {
    const auto before = nice_here();
    const auto nicer = std::min(before + 1, 19);  // 19 is the end, and a build may run there
    std::thread([&] {
        EXPECT_TRUE(base::place_thread("kedge-test", nicer));
        std::array<char, 16> name{};
        ::pthread_getname_np(::pthread_self(), name.data(), name.size());
        EXPECT_STREQ(name.data(), "kedge-test");
        EXPECT_EQ(nice_here(), nicer);
    }).join();
    EXPECT_EQ(nice_here(), before);
}

TEST(Thread, without_the_right_it_stays_where_it_was) {
    const auto before = nice_here();
    std::thread([&] {
        const bool placed = base::place_thread("kedge-test", -20);
        EXPECT_EQ(nice_here(), placed ? -20 : before);
    }).join();
}

}  // namespace
