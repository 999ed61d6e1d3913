#include "anchoring/kedge_verify/trie.hpp"

#include "anchoring/ethereum/keccak.hpp"
#include "anchoring/ethereum/rlp.hpp"

#include <algorithm>
#include <span>

namespace kedge_verify {
namespace {

using base::Kind;
using ethereum::RlpItem;
using Nibbles = std::vector<std::uint8_t>;
using Path = std::span<const std::uint8_t>;

constexpr std::size_t kChildren = 16;

tl::unexpected<base::Error> bad(const char* why) {
    return base::fail(Kind::invalid, std::string("the trie proof does not hold: ") + why);
}

Nibbles nibbles_of(base::ByteView bytes) {
    Nibbles out;
    for (const auto b : bytes) {
        out.push_back(b >> 4);
        out.push_back(b & 15);
    }
    return out;
}

// The hex-prefix form: a first nibble with the bits 2 (leaf) and 1 (odd), then the path.
struct Compact {
    bool leaf = false;
    Nibbles path;
};
base::Result<Compact> from_compact(base::ByteView bytes) {
    const auto nibbles = nibbles_of(bytes);
    if (nibbles.empty() || nibbles[0] > 3 || ((nibbles[0] & 1) == 0 && nibbles[1] != 0)) return bad("a node with a path that is none");
    return Compact{(nibbles[0] & 2) != 0, Nibbles(nibbles.begin() + ((nibbles[0] & 1) != 0 ? 1 : 2), nibbles.end())};
}
base::Bytes to_compact(Path path, bool leaf) {
    const bool odd = path.size() % 2 != 0;
    Nibbles all{static_cast<std::uint8_t>((leaf ? 2 : 0) | (odd ? 1 : 0))};
    if (!odd) all.push_back(0);
    all.insert(all.end(), path.begin(), path.end());
    base::Bytes out;
    for (std::size_t i = 0; i < all.size(); i += 2) out.push_back(static_cast<std::uint8_t>(all[i] << 4 | all[i + 1]));
    return out;
}

// Walks down; `at` is what the node in hand says about where to go on.
class Descent {
  public:
    Descent(base::ByteView key, const std::vector<base::Bytes>& nodes) : key_(nibbles_of(key)), nodes_(nodes) {}

    base::Result<base::Bytes> run(const ethereum::Hash& root) {
        auto node = take(root);
        while (node) {
            const auto items = ethereum::rlp_items(*node);
            if (!items || (items->size() != 2 && items->size() != kChildren + 1)) return bad("a node that is none");
            RlpItem next;
            if (items->size() == kChildren + 1) {
                if (at_ == key_.size()) return value((*items)[kChildren]);
                next = (*items)[key_[at_++]];
            } else {
                const auto compact =
                    (*items)[0].is_list ? base::Result<Compact>(bad("a node that is none")) : from_compact((*items)[0].payload);
                if (!compact) return base::pass(compact);
                const auto left = Path(key_).subspan(at_);
                if (left.size() < compact->path.size() || !std::equal(compact->path.begin(), compact->path.end(), left.begin()))
                    return bad("the key is not in it");
                at_ += compact->path.size();
                if (compact->leaf) return at_ == key_.size() ? value((*items)[1]) : base::Result<base::Bytes>(bad("the key is not in it"));
                next = (*items)[1];
            }
            node = follow(next);
        }
        return base::pass(node);
    }

  private:
    base::Result<RlpItem> take(const ethereum::Hash& hash) {
        if (used_ == nodes_.size()) return bad("it is cut short");
        const auto& bytes = nodes_[used_++];
        if (ethereum::keccak256(bytes) != hash) return bad("a node has another hash");
        return ethereum::rlp_decode(bytes);
    }
    // A node below 32 bytes stands inside its parent.
    base::Result<RlpItem> follow(const RlpItem& reference) {
        if (reference.is_list) return reference;
        if (reference.payload.size() != 32) return bad("the key is not in it");
        ethereum::Hash hash;
        std::copy(reference.payload.begin(), reference.payload.end(), hash.begin());
        return take(hash);
    }
    base::Result<base::Bytes> value(const RlpItem& item) const {
        if (item.is_list || item.payload.empty()) return bad("the key is not in it");
        if (used_ != nodes_.size()) return bad("it has nodes that are not on the way");
        return base::Bytes(item.payload.begin(), item.payload.end());
    }

    const Nibbles key_;
    const std::vector<base::Bytes>& nodes_;
    std::size_t used_ = 0, at_ = 0;
};

// Building: pairs sorted by key, all with the same first `depth` nibbles.
struct Pair {
    Nibbles key;
    const base::Bytes* value;
};

class Builder {
  public:
    explicit Builder(Nibbles wanted) : wanted_(std::move(wanted)) {}
    // The node's RLP; nodes on the way to the wanted key are put into `nodes`, deepest first.
    base::Bytes build(std::span<const Pair> pairs, std::size_t depth, bool on_way) {
        auto out = node(pairs, depth, on_way);
        if (on_way && (out.size() >= 32 || depth == 0)) nodes.push_back(out);
        return out;
    }
    std::vector<base::Bytes> nodes;

  private:
    base::Bytes node(std::span<const Pair> pairs, std::size_t depth, bool on_way) {
        const auto& first = pairs.front().key;
        const auto& last = pairs.back().key;
        if (pairs.size() == 1) {
            return ethereum::RlpWriter().bytes(to_compact(Path(first).subspan(depth), true)).bytes(*pairs[0].value).take_list();
        }
        std::size_t same = depth;
        while (same < first.size() && same < last.size() && first[same] == last[same]) ++same;
        if (same > depth) {
            ethereum::RlpWriter out;
            out.bytes(to_compact(Path(first).subspan(depth, same - depth), false));
            refer(out, build(pairs, same, on_way && starts(first, same)));
            return out.take_list();
        }
        ethereum::RlpWriter out;
        for (std::uint8_t nibble = 0; nibble < kChildren; ++nibble) {
            const auto low = std::partition_point(pairs.begin(), pairs.end(),
                                                  [&](const Pair& p) { return depth < p.key.size() ? p.key[depth] < nibble : true; });
            const auto high = std::partition_point(low, pairs.end(), [&](const Pair& p) { return p.key[depth] == nibble; });
            if (low == high) {
                out.bytes({});
            } else {
                refer(out, build(std::span<const Pair>(low, high), depth + 1, on_way && starts(low->key, depth + 1)));
            }
        }
        out.bytes({});  // no index is the beginning of another one
        return out.take_list();
    }
    bool starts(const Nibbles& key, std::size_t n) const {
        return wanted_.size() >= n && std::equal(key.begin(), key.begin() + static_cast<std::ptrdiff_t>(n), wanted_.begin());
    }
    static void refer(ethereum::RlpWriter& out, const base::Bytes& node) {
        if (node.size() < 32) {
            out.encoded(node);
        } else {
            out.bytes(ethereum::keccak256(node));
        }
    }

    const Nibbles wanted_;
};

}  // namespace

base::Result<base::Bytes> trie_value(const ethereum::Hash& root, base::ByteView key, const std::vector<base::Bytes>& nodes) {
    return Descent(key, nodes).run(root);
}

base::Bytes index_key(std::uint64_t index) {
    return ethereum::RlpWriter().number(index).take();
}

TrieProof trie_proof(const std::vector<base::Bytes>& values, std::uint64_t index) {
    CHECK(index < values.size());
    std::vector<Pair> pairs;
    for (std::size_t i = 0; i < values.size(); ++i) pairs.push_back({nibbles_of(index_key(i)), &values[i]});
    std::sort(pairs.begin(), pairs.end(), [](const Pair& a, const Pair& b) { return a.key < b.key; });
    Builder builder(nibbles_of(index_key(index)));
    const auto root = builder.build(pairs, 0, true);
    return {ethereum::keccak256(root), {builder.nodes.rbegin(), builder.nodes.rend()}};
}

}  // namespace kedge_verify
