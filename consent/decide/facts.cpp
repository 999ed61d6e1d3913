#include "consent/decide/facts.hpp"

namespace consent {
namespace {

// version u8 | flags u8 | strings and lists, each behind a LEB128 count | with kHasTime: two big-endian i64. The first byte names the
// layout, so that envelopes of an older version stay readable.
constexpr std::uint8_t kVersion = 1;  // DO NOT CHANGE: stored
constexpr std::uint8_t kHasTime = 1;

void put_count(std::string& out, std::size_t n) {
    for (; n >= 0x80; n >>= 7) out.push_back(static_cast<char>(n | 0x80));
    out.push_back(static_cast<char>(n));
}

void put(std::string& out, std::string_view text) {
    put_count(out, text.size());
    out.append(text);
}

void put(std::string& out, const std::vector<std::string>& list) {
    put_count(out, list.size());
    for (const auto& text : list) put(out, text);
}

void put(std::string& out, base::TimeUs time) {
    for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(static_cast<std::uint64_t>(time) >> shift));
}

// After the first short or overlong field everything reads empty and ok is false.
struct Cursor {
    std::string_view in;
    bool ok = true;

    std::uint8_t byte() {
        if (in.empty()) return ok = false, std::uint8_t{0};
        const auto b = static_cast<std::uint8_t>(in.front());
        in.remove_prefix(1);
        return b;
    }
    std::size_t count() {
        std::size_t n = 0;
        for (int shift = 0; shift < 28; shift += 7) {
            const std::uint8_t b = byte();
            n |= std::size_t{b & 0x7fu} << shift;
            if (b < 0x80) {
                if (b == 0 && shift > 0) ok = false;  // one number has one encoding
                return ok ? n : 0;
            }
        }
        ok = false;
        return 0;
    }
    std::string text() {
        const std::size_t n = count();
        if (n > in.size()) ok = false;
        if (!ok) return {};
        std::string out(in.substr(0, n));
        in.remove_prefix(n);
        return out;
    }
    std::vector<std::string> list() {
        const std::size_t n = count();
        if (n > in.size()) ok = false;  // each entry takes a byte at least: a broken count reserves nothing
        std::vector<std::string> out;
        if (!ok) return out;
        out.reserve(n);
        for (std::size_t i = 0; i < n && ok; ++i) out.push_back(text());
        return out;
    }
    base::TimeUs time() {
        std::uint64_t v = 0;
        for (int i = 0; i < 8; ++i) v = v << 8 | byte();
        return static_cast<base::TimeUs>(v);
    }
};

}  // namespace

std::string Facts::encode() const {
    std::string out;
    out.reserve(64);
    out.push_back(static_cast<char>(kVersion));
    out.push_back(static_cast<char>(has_clinical_time ? kHasTime : 0));
    put(out, type);
    put(out, id);
    put(out, owner_org);
    for (const auto* list : {&patients, &authors, &codes, &labels, &profiles, &references}) put(out, *list);
    if (has_clinical_time) {
        put(out, clinical_low);
        put(out, clinical_high);
    }
    return out;
}

base::Result<Facts> Facts::decode(std::string_view bytes) {
    Cursor in{bytes};
    Facts facts;
    const std::uint8_t version = in.byte();
    const std::uint8_t flags = in.byte();
    if (!in.ok || version != kVersion || (flags & ~kHasTime) != 0) return base::fail(base::Kind::corrupt, "facts of an unknown layout");
    facts.type = in.text();
    facts.id = in.text();
    facts.owner_org = in.text();
    for (auto* list : {&facts.patients, &facts.authors, &facts.codes, &facts.labels, &facts.profiles, &facts.references}) *list = in.list();
    if (flags & kHasTime) {
        facts.has_clinical_time = true;
        facts.clinical_low = in.time();
        facts.clinical_high = in.time();
    }
    if (!in.ok || !in.in.empty() || facts.type.empty()) return base::fail(base::Kind::corrupt, "facts are cut short or overlong");
    if (facts.clinical_low > facts.clinical_high) return base::fail(base::Kind::corrupt, "facts end before they begin");
    return facts;
}

}  // namespace consent
