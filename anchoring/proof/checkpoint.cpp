#include "anchoring/proof/checkpoint.hpp"

#include "storage/base/encoding.hpp"

#include <algorithm>
#include <charconv>

namespace proof {

base::Result<std::uint64_t> parse_decimal(std::string_view text) {
    std::uint64_t out = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    const bool zeroes = text.size() > 1 && text.front() == '0';
    if (text.empty() || error != std::errc() || end != text.data() + text.size() || zeroes) {
        return base::fail(base::Kind::invalid, "a decimal number without leading zeroes was expected");
    }
    return out;
}

base::Result<Digest> parse_hash(std::string_view base64) {
    const auto bytes = base::from_base64(base64);
    if (!bytes || bytes->size() != 32) return base::fail(base::Kind::invalid, "base64 of a 32-byte hash was expected");
    Digest out;
    std::copy(bytes->begin(), bytes->end(), out.begin());
    return out;
}

std::string checkpoint_text(const Checkpoint& checkpoint) {
    return checkpoint.origin + "\n" + std::to_string(checkpoint.size) + "\n" + base::to_base64(checkpoint.root) + "\n";
}

base::Result<Checkpoint> parse_checkpoint_text(std::string_view text) {
    const auto one = text.find('\n');
    const auto two = one == std::string_view::npos ? one : text.find('\n', one + 1);
    if (two == std::string_view::npos || one == 0 || text.find('\n', two + 1) != text.size() - 1) {
        return base::fail(base::Kind::invalid, "a checkpoint has three lines: origin, size and root");
    }
    Checkpoint out;
    out.origin = text.substr(0, one);
    const auto size = parse_decimal(text.substr(one + 1, two - one - 1));
    if (!size) return base::fail(base::Kind::invalid, "the size of this checkpoint is no plain decimal number");
    const auto root = parse_hash(text.substr(two + 1, text.size() - two - 2));
    if (!root) return base::fail(base::Kind::invalid, "the root of this checkpoint is no 32-byte hash");
    out.size = *size;
    out.root = *root;
    return out;
}

base::Result<Checkpoint> open_checkpoint(std::string_view note, const VerifierKey& key) {
    const auto text = open_note(note, key);
    if (!text) return base::pass(text);
    auto out = parse_checkpoint_text(*text);
    if (out && out->origin != key.name) {
        return base::fail(base::Kind::invalid, "this checkpoint is of the log " + out->origin + ", the key is of " + key.name);
    }
    return out;
}

}  // namespace proof
