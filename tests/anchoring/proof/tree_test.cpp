#include "anchoring/proof/tree.hpp"

#include "storage/base/encoding.hpp"
#include "storage/crypto/hash.hpp"

#include <chrono>
#include <random>

#include <gtest/gtest.h>

namespace {

using proof::Digest;

Digest leaf(std::uint64_t i) {
    const auto bytes = base::Writer().u64(i).take();
    return proof::leaf_hash(bytes);
}

// The definition of RFC 9162 section 2.1.1 word for word, as the judge of the quicker ways.
Digest by_definition(std::uint64_t first, std::uint64_t n) {
    if (n == 0) return proof::empty_root();
    if (n == 1) return leaf(first);
    std::uint64_t k = 1;
    while (k * 2 < n) k *= 2;
    return proof::node_hash(by_definition(first, k), by_definition(first + k, n - k));
}

struct Stored {
    proof::Frontier frontier;
    std::vector<Digest> nodes;
    explicit Stored(std::uint64_t size) {
        for (std::uint64_t i = 0; i < size; ++i) frontier.append(leaf(i), nodes);
    }
    proof::NodeAt at() const {
        return [this](unsigned level, std::uint64_t index) -> base::Result<Digest> {
            const auto position = proof::node_position(level, index);
            if (position >= nodes.size()) return base::fail(base::Kind::corrupt, "asked for a node that is not there");
            return nodes[position];
        };
    }
};

TEST(Tree, RootsAreThoseOfTheDefinition) {
    EXPECT_EQ(base::to_hex(proof::empty_root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    const Stored all(130);
    for (std::uint64_t n = 0; n <= 130; ++n) {
        const Stored tree(n);
        EXPECT_EQ(tree.nodes.size(), proof::node_count(n));
        EXPECT_EQ(tree.frontier.root(), by_definition(0, n)) << n;
        EXPECT_EQ(*proof::root_of(n, all.at()), tree.frontier.root()) << n;
        EXPECT_EQ(proof::frontier_of(n, all.at())->nodes(), tree.frontier.nodes()) << n;
    }
}

TEST(Tree, EveryInclusionProofUpTo130Verifies) {
    const Stored tree(130);
    std::size_t checked = 0;
    for (std::uint64_t n = 1; n <= 130; ++n) {
        const auto root = *proof::root_of(n, tree.at());
        for (std::uint64_t i = 0; i < n; ++i, ++checked) {
            const auto path = *proof::inclusion_path(i, n, tree.at());
            ASSERT_TRUE(proof::verify_inclusion(i, n, leaf(i), path, root)) << i << " of " << n;
            ASSERT_FALSE(proof::verify_inclusion(i, n, leaf(i + 1), path, root));
            ASSERT_FALSE(proof::verify_inclusion(i ^ 1, n, leaf(i), path, root) && n > 1);
        }
    }
    EXPECT_EQ(checked, 130u * 131 / 2);
    EXPECT_EQ(proof::inclusion_path(5, 5, tree.at()).error().kind, base::Kind::invalid);
}

TEST(Tree, EveryConsistencyProofUpTo130Verifies) {
    const Stored tree(130);
    for (std::uint64_t n = 0; n <= 130; ++n) {
        const auto now = *proof::root_of(n, tree.at());
        for (std::uint64_t m = 0; m <= n; ++m) {
            const auto before = *proof::root_of(m, tree.at());
            const auto path = *proof::consistency_path(m, n, tree.at());
            ASSERT_TRUE(proof::verify_consistency(m, before, n, now, path)) << m << " to " << n;
            if (m > 0) {
                ASSERT_FALSE(proof::verify_consistency(m, leaf(7777), n, now, path)) << m << " to " << n;
                ASSERT_FALSE(proof::verify_consistency(m, before, n, leaf(7777), path)) << m << " to " << n;
            }
        }
    }
    EXPECT_EQ(proof::consistency_path(6, 5, tree.at()).error().kind, base::Kind::invalid);
}

TEST(Tree, NoMutationOfAProofPasses) {
    const Stored tree(1000);
    std::mt19937_64 random(20261122);
    std::size_t tried = 0;
    for (int round = 0; round < 3000; ++round) {
        const std::uint64_t n = 2 + random() % 999, i = random() % n, m = 1 + random() % (n - 1);
        const auto root = *proof::root_of(n, tree.at());
        auto path = *proof::inclusion_path(i, n, tree.at());
        auto way = *proof::consistency_path(m, n, tree.at());
        const auto old_root = *proof::root_of(m, tree.at());
        const auto bend = [&](std::vector<Digest>& p) {
            switch (random() % 4) {
                case 0:
                    p[random() % p.size()][random() % 32] ^= static_cast<std::uint8_t>(1u << random() % 8);
                    break;
                case 1:
                    p.erase(p.begin() + static_cast<std::ptrdiff_t>(random() % p.size()));
                    break;
                case 2:
                    p.insert(p.begin() + static_cast<std::ptrdiff_t>(random() % (p.size() + 1)), root);
                    break;
                default:
                    p.push_back(p.back());
            }
        };
        bend(path);
        bend(way);
        EXPECT_FALSE(proof::verify_inclusion(i, n, leaf(i), path, root));
        EXPECT_FALSE(proof::verify_consistency(m, old_root, n, root, way));
        tried += 2;
    }
    EXPECT_EQ(tried, 6000u);
}

TEST(Tree, HugeSizesAreRefusedNotLooped) {
    const std::vector<Digest> path(63, leaf(1));
    EXPECT_FALSE(proof::verify_inclusion(UINT64_MAX - 1, UINT64_MAX, leaf(0), path, leaf(2)));
    EXPECT_FALSE(proof::verify_inclusion(UINT64_MAX, UINT64_MAX, leaf(0), path, leaf(2)));
    EXPECT_FALSE(proof::verify_consistency(1ull << 63, leaf(0), UINT64_MAX, leaf(2), path));
}

// 1.1 million leaves: the floor is far below what a core does (README.md has the figure), so that slow machines and sanitizers pass.
TEST(Tree, GrowsQuickly) {
    const std::uint64_t n = 1'100'000;
    std::vector<Digest> nodes;
    nodes.reserve(proof::node_count(n));
    proof::Frontier frontier;
    const auto start = std::chrono::steady_clock::now();
    std::array<std::uint8_t, 82> entry{};
    for (std::uint64_t i = 0; i < n; ++i) {
        entry[8] = static_cast<std::uint8_t>(i);
        entry[7] = static_cast<std::uint8_t>(i >> 8);
        frontier.append(proof::leaf_hash(entry), nodes);
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    EXPECT_EQ(nodes.size(), proof::node_count(n));
    const auto at = [&](unsigned level, std::uint64_t index) -> base::Result<Digest> { return nodes[proof::node_position(level, index)]; };
    EXPECT_EQ(*proof::root_of(n, at), frontier.root());
    const auto path = *proof::inclusion_path(777'777, n, at);
    EXPECT_TRUE(proof::verify_inclusion(777'777, n, nodes[proof::node_position(0, 777'777)], path, frontier.root()));
    std::printf("1.1 M leaves in %.2f s: %.0f leaves/s\n", seconds, static_cast<double>(n) / seconds);
    EXPECT_GT(static_cast<double>(n) / seconds, 100'000.0);
}

}  // namespace
