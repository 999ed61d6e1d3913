// The cache alone, against a truth that changes under it.
#include "consent/registry/view_cache.hpp"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

namespace consent_test {
namespace {

using consent::ViewCache;

ViewCache::Loaded loaded(const std::string& word, std::uint8_t record = 1) {
    ViewCache::Loaded out;
    out.view = std::make_shared<consent::Registry::View>();
    out.view->consents.push_back({word, "1", true, true, nullptr});
    out.patient = {record};
    return out;
}
std::string word(const base::Result<ViewCache::ViewPtr>& view) {
    return view.value()->consents.at(0).reference;
}

TEST(ViewCache, KeepsForgetsAndIsBounded) {
    ViewCache cache(2);
    int loads = 0;
    const auto get = [&](const std::string& patient, std::uint8_t record) {
        return word(cache.get(patient, 0, [&]() -> base::Result<ViewCache::Loaded> { return loaded(std::to_string(++loads), record); }));
    };
    EXPECT_EQ(get("a", 1), "1");
    EXPECT_EQ(get("a", 1), "1");
    cache.forget("a");
    EXPECT_EQ(get("a", 1), "2");
    cache.forget(std::vector<store::RecordId>{{1}});
    EXPECT_EQ(get("a", 1), "3");
    cache.forget(std::vector<store::RecordId>{{9}});
    EXPECT_EQ(get("a", 1), "3") << "another patient's event";
    get("b", 2);
    get("c", 3);
    EXPECT_EQ(get("a", 1), "6") << "the one longest unused made room";
}

TEST(ViewCache, AViewEndsWithItsTime) {
    ViewCache cache(2);
    const auto until_ten = []() -> base::Result<ViewCache::Loaded> {
        auto out = loaded("x");
        out.valid_until = 10;
        return out;
    };
    const auto first = cache.get("a", 1, until_ten).value();
    EXPECT_EQ(cache.get("a", 9, until_ten).value(), first);
    const auto second = cache.get("a", 10, until_ten).value();
    EXPECT_NE(second, first);
    EXPECT_GT(second->epoch, first->epoch);
}

TEST(ViewCache, ALoadThatAChangeOvertakesRunsAgain) {
    ViewCache cache(2);
    int loads = 0;
    const auto view = cache.get("a", 0, [&]() -> base::Result<ViewCache::Loaded> {
        if (++loads == 1) cache.forget("a");
        if (loads == 2) cache.forget(std::vector<store::RecordId>{{7}});
        return loaded(std::to_string(loads));
    });
    EXPECT_EQ(word(view), "3");
    const auto hopeless = cache.get("b", 0, [&]() -> base::Result<ViewCache::Loaded> {
        cache.forget("b");
        return loaded("never");
    });
    ASSERT_FALSE(hopeless);
    EXPECT_EQ(hopeless.error().kind, base::Kind::unavailable);
    const auto failed = cache.get("b", 0, []() -> base::Result<ViewCache::Loaded> { return base::fail(base::Kind::corrupt, "x"); });
    EXPECT_EQ(failed.error().kind, base::Kind::corrupt) << "and a failure is not kept";
}

TEST(ViewCache, NeverOlderThanWhatWasTold) {
    ViewCache cache(4);
    std::atomic<int> truth{0}, told{0};
    std::atomic<bool> stop{false};
    std::vector<std::thread> readers;
    for (int r = 0; r < 4; ++r) {
        readers.emplace_back([&, r] {
            while (!stop) {
                const int before = told;
                const auto view = cache.get("a", 0, [&]() -> base::Result<ViewCache::Loaded> {
                    const int seen = truth;
                    if (r % 2) std::this_thread::yield();
                    return loaded(std::to_string(seen));
                });
                if (view) {
                    EXPECT_GE(std::stoi(word(view)), before);
                }
            }
        });
    }
    for (int i = 1; i <= 2000; ++i) {
        truth = i;
        if (i % 3)
            cache.forget("a");
        else
            cache.forget(std::vector<store::RecordId>{{1}});
        told = i;
        if (i % 50 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    stop = true;
    for (auto& reader : readers) reader.join();
}

}  // namespace
}  // namespace consent_test
