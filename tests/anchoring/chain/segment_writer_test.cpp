#include "anchoring/chain/segment_writer.hpp"

#include "tests/support/files.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <random>
#include <thread>

#include <unistd.h>

namespace {

using base::Kind;

struct Written {
    explicit Written(bool direct = true) : past_page_cache(direct) { make(100); }
    void make(std::size_t bytes) {
        expected = std::string(bytes, 'h');
        support::write_file(path, expected);
        writer = std::move(chain::SegmentWriter::open(path, bytes, past_page_cache).value());
    }
    void append(std::string_view text) {
        ASSERT_TRUE(writer->append(base::as_bytes(text), disk));
        expected += text;
    }
    // What was written, and nothing but zeroes behind it.
    void expect_file() const {
        const auto file = support::read_file(path);
        ASSERT_GE(file.size(), expected.size());
        EXPECT_TRUE(file.starts_with(expected)) << "differs at " << std::mismatch(expected.begin(), expected.end(), file.begin()).first - expected.begin();
        EXPECT_EQ(file.find_first_not_of('\0', expected.size()), std::string::npos);
    }
    bool past_page_cache;
    support::TempDir dir;
    std::string path = (dir.path() / "segment").string();
    std::string expected;
    chain::Disk disk;
    std::unique_ptr<chain::SegmentWriter> writer;
};

// With O_DIRECT, and as on a filesystem that has none.
class SegmentWriter : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(Modes, SegmentWriter, testing::Bool(), [](const auto& each) { return each.param ? "Direct" : "Cached"; });

TEST_P(SegmentWriter, PutsGroupsBehindEachOtherWhereverABlockEnds) {
    Written f(GetParam());
    std::mt19937 random(3);
    for (int i = 0; i < 200; ++i) {
        f.append(std::string(1 + random() % 9000, static_cast<char>('a' + i % 26)));
        if (i % 50 == 0) f.expect_file();
    }
    f.append(std::string(8192 - f.expected.size() % 4096, 'e'));  // to the end of a block
    f.append("x");
    f.append(std::string(2'000'000, 'y'));  // more than it has room for in memory
    f.expect_file();
    ASSERT_TRUE(f.writer->finish());
    EXPECT_EQ(support::read_file(f.path), f.expected);
}

TEST_P(SegmentWriter, GoesOnWhereAnotherStopped) {
    for (const std::size_t bytes : {64u, 4095u, 4096u, 4097u, 12'288u}) {
        Written f(GetParam());
        f.make(bytes);
        f.append("first");
        f.expect_file();
        const auto at = f.expected.size();
        f.writer = std::move(chain::SegmentWriter::open(f.path, at, GetParam()).value());
        f.append("second");
        f.expect_file();
        ASSERT_TRUE(f.writer->finish());
        EXPECT_EQ(support::read_file(f.path), f.expected);
    }
}

TEST_P(SegmentWriter, MakesRoomBesideTheGroups) {
    Written f(GetParam());
    EXPECT_EQ(f.writer->room(), 100u);
    std::atomic<bool> stop{false};
    std::thread extender([&] {
        for (std::uint64_t to = 10'000; !stop; to += 1'000'000) EXPECT_TRUE(f.writer->extend(to, true));
    });
    for (int i = 0; i < 300; ++i) f.append(std::string(700, static_cast<char>('a' + i % 26)));
    stop = true;
    extender.join();
    EXPECT_GE(f.writer->room(), f.expected.size());
    EXPECT_EQ(f.writer->room() % 4096, 0u);
    f.expect_file();
    const auto room = f.writer->room();
    ASSERT_TRUE(f.writer->extend(room - 5, false));
    EXPECT_EQ(f.writer->room(), room) << "there already";
    ASSERT_TRUE(f.writer->finish());
    ASSERT_TRUE(f.writer->extend(room + 100'000, false));
    EXPECT_EQ(support::read_file(f.path), f.expected) << "a file that is finished does not grow again";
}

TEST(SegmentWriterFiles, RefusesAFileThatIsNotWhatItShouldBe) {
    Written f;
    const auto absent = chain::SegmentWriter::open(f.path + ".absent", 64);
    ASSERT_FALSE(absent);
    EXPECT_EQ(absent.error().kind, Kind::not_found);
    const auto shorter = chain::SegmentWriter::open(f.path, 101);
    ASSERT_FALSE(shorter);
    EXPECT_EQ(shorter.error().kind, Kind::corrupt);
    EXPECT_EQ(shorter.error().diagnostics, f.path + " ends before its last group");
}

// Filesystems differ in what they take of O_DIRECT; this one is in memory.
TEST(SegmentWriterFiles, WritesToAFilesystemInMemory) {
    if (!std::filesystem::is_directory("/dev/shm")) GTEST_SKIP() << "there is no /dev/shm here";
    Written f;
    f.path = "/dev/shm/kedge-segment-writer-test-" + std::to_string(::getpid());
    f.make(100);
    f.append(std::string(10'000, 'm'));
    ASSERT_TRUE(f.writer->extend(1'000'000, false));
    EXPECT_EQ(f.writer->room(), 1'003'520u);
    f.append("more");
    f.expect_file();
    std::filesystem::remove(f.path);
}

}  // namespace
