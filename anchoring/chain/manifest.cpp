#include "anchoring/chain/manifest.hpp"

#include "anchoring/chain/segment.hpp"
#include "anchoring/proof/checkpoint.hpp"
#include "storage/base/encoding.hpp"
#include "storage/crypto/hash.hpp"

#include <algorithm>

namespace chain {
namespace {

constexpr std::size_t kPieceBytes = 256u << 10;

std::string line_of(const SealedSegment& s, const crypto::Key& mac_key) {
    const auto text =
        std::to_string(s.number) + " " + std::to_string(s.first_seq) + " " + std::to_string(s.bytes) + " " + base::to_hex(s.sha256);
    return text + " " + base::to_hex(crypto::hmac_sha256(mac_key.view(), base::as_bytes(text))) + "\n";
}

// Reads the fields back and makes the line again: only a line that comes out the same was written by us.
std::optional<SealedSegment> parse(std::string_view line, const crypto::Key& mac_key) {
    std::array<std::string_view, 5> field;
    auto rest = line.substr(0, line.size() - 1);
    for (auto& f : field) {
        const auto space = rest.find(' ');
        f = rest.substr(0, space);
        rest = space == std::string_view::npos ? std::string_view() : rest.substr(space + 1);
    }
    const auto number = proof::parse_decimal(field[0]), first = proof::parse_decimal(field[1]), bytes = proof::parse_decimal(field[2]);
    const auto hash = base::from_hex(field[3]);
    if (!number || !first || !bytes || !hash || hash->size() != 32) return std::nullopt;
    SealedSegment out{static_cast<std::uint32_t>(*number), *first, *bytes, {}};
    std::copy(hash->begin(), hash->end(), out.sha256.begin());
    if (line_of(out, mac_key) != line) return std::nullopt;
    return out;
}

}  // namespace

base::Result<std::map<std::uint32_t, SealedSegment>> Manifest::read(const std::string& dir, const crypto::Key& mac_key) {
    std::map<std::uint32_t, SealedSegment> out;
    if (!file_exists(dir + "/manifest")) return out;
    const auto bytes = read_whole(dir + "/manifest");
    if (!bytes) return base::pass(bytes);
    auto rest = base::as_text(*bytes);
    for (std::size_t number = 1; rest.find('\n') != std::string_view::npos; ++number) {
        const auto line = rest.substr(0, rest.find('\n') + 1);
        rest.remove_prefix(line.size());
        const auto segment = parse(line, mac_key);
        if (!segment) return base::fail(base::Kind::corrupt, "line " + std::to_string(number) + " of the manifest is damaged");
        out[segment->number] = *segment;
    }
    return out;
}

base::Status Manifest::append(const std::string& dir, const crypto::Key& mac_key, const SealedSegment& segment) {
    auto file = File::open(dir + "/manifest", File::Mode::write);
    if (!file) return base::pass(file);
    const auto bytes = read_whole(dir + "/manifest");
    if (!bytes) return base::pass(bytes);
    // Behind the last whole line: what a crash left of a line is overwritten.
    const auto end = base::as_text(*bytes).rfind('\n');
    const auto at = end == std::string_view::npos ? 0 : end + 1;
    if (at != bytes->size()) {
        if (auto ok = file->truncate(at); !ok) return ok;
    }
    if (auto ok = file->write_at(at, base::as_bytes(line_of(segment, mac_key))); !ok) return ok;
    if (auto ok = file->sync(); !ok) return ok;
    return sync_dir(dir);
}

base::Result<SealedSegment> Manifest::measure(const std::string& dir, std::uint32_t number, std::uint64_t first_seq,
                                              const std::function<void()>& between) {
    const auto path = Segment::path_in(dir, number);
    const auto file = File::open(path, File::Mode::read);
    if (!file) return base::pass(file);
    const auto size = file->size();
    if (!size) return base::pass(size);
    // Nobody reads it again soon, and filling the page cache with it costs five times what hashing it does. Where a filesystem has no
    // such reading, and for the rest that is no whole block, the ordinary one.
    auto direct = File::open(path, File::Mode::read_direct);
    const auto piece = allocate_blocks(kPieceBytes);
    base::Status read;
    SealedSegment out{number, first_seq, 0, {}};
    out.sha256 = crypto::sha256_of_pieces([&]() -> base::ByteView {
        if (between) between();
        const auto bytes = std::span(piece.get(), std::min<std::uint64_t>(*size - out.bytes, kPieceBytes));
        const auto blocks = bytes.first(block_of(bytes.size()));
        auto got = direct && !blocks.empty() ? direct->read_at(out.bytes, blocks) : file->read_at(out.bytes, bytes);
        if (!got && direct) {
            direct = base::pass(got);
            got = file->read_at(out.bytes, bytes);
        }
        if (!got) {
            read = base::pass(got);
            return {};
        }
        out.bytes += *got;
        return {piece.get(), *got};
    });
    if (!read) return base::pass(read);
    return out;
}

}  // namespace chain
