#include "anchoring/proof/proof_file.hpp"

#include "anchoring/proof/base64.hpp"
#include "anchoring/proof/checkpoint.hpp"
#include "storage/base/encoding.hpp"

namespace proof {
namespace {

constexpr std::string_view kFirstLine = "c2sp.org/tlog-proof@v1";
constexpr std::size_t kMaxPath = 64;
constexpr std::uint8_t kExtraVersion = 1;
constexpr std::uint8_t kHasSalt = 1, kHasEvent = 2, kHasAnchor = 4;

tl::unexpected<base::Error> bad(const std::string& why) {
    return base::fail(base::Kind::invalid, "no tlog-proof: " + why);
}

// The next line without its line end; false when no whole line is left.
bool take_line(std::string_view& rest, std::string_view& line) {
    const auto end = rest.find('\n');
    if (end == std::string_view::npos) return false;
    line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    return true;
}

}  // namespace

std::string ProofFile::text() const {
    std::string out(kFirstLine);
    out += '\n';
    if (!extra.empty()) out += "extra " + base::to_base64(extra) + "\n";
    out += "index " + std::to_string(index) + "\n";
    for (const auto& hash : path) out += base::to_base64(hash) + "\n";
    return out + "\n" + checkpoint;
}

base::Status ProofFile::parse_into(std::string_view text, ProofFile& out) {
    out.extra.clear();
    out.path.clear();
    std::string_view line;
    if (!take_line(text, line) || line != kFirstLine) return bad("the first line is not c2sp.org/tlog-proof@v1");
    if (!take_line(text, line)) return bad("it ends after the first line");
    if (line.starts_with("extra ")) {
        if (!decode_base64(line.substr(6), out.extra) || out.extra.empty()) return bad("the extra line is no base64");
        if (!take_line(text, line)) return bad("it ends after the extra line");
    }
    if (!line.starts_with("index ")) return bad("the index line is missing");
    const auto index = parse_decimal(line.substr(6));
    if (!index) return bad("the index is no plain decimal number");
    out.index = *index;
    for (;;) {
        if (!take_line(text, line)) return bad("no empty line between path and checkpoint");
        if (line.empty()) break;
        Digest hash;
        if (!decode_base64(line, hash)) return bad("line " + std::to_string(out.path.size() + 1) + " of the path is no base64 of 32 bytes");
        if (out.path.size() == kMaxPath) return bad("the path has more than 64 hashes");
        out.path.push_back(hash);
    }
    if (text.empty()) return bad("the checkpoint is missing");
    out.checkpoint = text;
    return {};
}

base::Result<ProofFile> ProofFile::parse(std::string_view text) {
    ProofFile out;
    if (auto read = parse_into(text, out); !read) return base::pass(read);
    return out;
}

base::Bytes Extra::encode() const {
    CHECK(anchor_path.size() <= kMaxPath);
    base::Writer out;
    out.u8(kExtraVersion).u8(static_cast<std::uint8_t>((salt ? kHasSalt : 0) | (event ? kHasEvent : 0) | (anchor ? kHasAnchor : 0)));
    out.raw(entry.encode());
    if (salt) out.raw(*salt);
    if (event) out.sized(*event);
    if (anchor) {
        anchor->encode(out);
        out.u8(static_cast<std::uint8_t>(anchor_path.size()));
        for (const auto& hash : anchor_path) out.raw(hash);
    }
    return out.take();
}

base::Result<Extra> Extra::decode(base::ByteView bytes) {
    base::Reader in(bytes);
    const auto version = in.u8();
    const auto flags = in.u8();
    if (version != kExtraVersion || (flags & ~(kHasSalt | kHasEvent | kHasAnchor)) != 0)
        return bad("its extra data are not kedge's, or of a later version");
    Extra out;
    const auto entry = Entry::decode(in.raw(Entry::kBytes));
    if (!entry) return base::pass(entry);
    out.entry = *entry;
    if ((flags & kHasSalt) != 0) out.salt = in.array<32>();
    if ((flags & kHasEvent) != 0) out.event = in.text();
    if ((flags & kHasAnchor) != 0) {
        out.anchor = AnchorRecord::decode(in);
        const std::size_t count = in.u8();
        if (count > kMaxPath) return bad("its extra data have too long a path");
        for (std::size_t i = 0; i < count; ++i) out.anchor_path.push_back(in.array<32>());
    }
    if (!in.done()) return bad("its extra data are cut short or too long");
    return out;
}

}  // namespace proof
