// The quick ways of the verifier give the answers of the plain ones.
#include "anchoring/proof/base64.hpp"
#include "anchoring/proof/path_cache.hpp"
#include "anchoring/proof/tree.hpp"
#include "storage/base/encoding.hpp"

#include <random>

#include <gtest/gtest.h>

namespace {

using proof::Digest;

TEST(Base64, TakesWhatTheStrictDecoderTakes) {
    std::mt19937 random(7);
    base::Bytes out{1, 2, 3};
    for (std::size_t length = 0; length < 70; ++length) {
        base::Bytes bytes(length);
        for (auto& b : bytes) b = static_cast<std::uint8_t>(random());
        const auto text = base::to_base64(bytes);
        ASSERT_TRUE(proof::decode_base64(text, out));
        EXPECT_EQ(out, bytes);
        Digest exact;
        EXPECT_EQ(proof::decode_base64(text, exact), length == exact.size());
        for (std::size_t i = 0; i < text.size(); ++i) {
            for (const char c : {'A', '=', '-', '\n', '\0', '\x80', 'z'}) {
                auto changed = text;
                changed[i] = c;
                const auto plain = base::from_base64(changed);
                ASSERT_EQ(proof::decode_base64(changed, out), plain.has_value()) << changed;
                if (plain) {
                    EXPECT_EQ(out, *plain);
                }
            }
        }
    }
    for (const std::string bad : {"A", "AB", "ABC", "====", "A===", "=AAA", "AA=A"}) EXPECT_FALSE(proof::decode_base64(bad, out)) << bad;
}

TEST(PathCache, AnswersAsTheDefinitionInAnyOrder) {
    std::mt19937_64 random(11);
    std::size_t refused = 0;
    for (const std::uint64_t size : {1u, 2u, 3u, 5u, 7u, 8u, 21u, 100u, 257u, 1000u}) {
        proof::Frontier frontier;
        std::vector<Digest> nodes, leaves;
        for (std::uint64_t i = 0; i < size; ++i) {
            leaves.push_back(proof::leaf_hash(base::Writer().u64(i).take()));
            frontier.append(leaves.back(), nodes);
        }
        const auto at = [&](unsigned level, std::uint64_t index) -> base::Result<Digest> {
            return nodes[proof::node_position(level, index)];
        };
        const auto root = frontier.root();
        proof::PathCache cache;
        for (int round = 0; round < 2000; ++round) {
            const auto index = round < static_cast<int>(size) ? static_cast<std::uint64_t>(round) : random() % size;
            auto path = *proof::inclusion_path(index, size, at);
            auto leaf = leaves[index];
            auto asked = index;
            auto asked_root = root;
            switch (random() % 8) {  // half of the time something is changed
                case 0:
                    if (!path.empty()) path[random() % path.size()][random() % 32] ^= 1;
                    break;
                case 1:
                    leaf[random() % 32] ^= 1;
                    break;
                case 2:
                    asked = random() % (size + 2);
                    break;
                case 3:
                    random() % 2 == 0 && !path.empty() ? path.pop_back() : path.push_back(leaf);
                    break;
                case 4:
                    if (random() % 16 == 0) asked_root[3] ^= 1;
                    break;
                default:
                    break;
            }
            const bool plain = proof::verify_inclusion(asked, size, leaf, path, asked_root);
            ASSERT_EQ(cache.verify(asked, size, leaf, path, asked_root), plain) << size << " " << asked;
            refused += plain ? 0 : 1;
        }
    }
    EXPECT_GE(refused, 5000u);
}

}  // namespace
