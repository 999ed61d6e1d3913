#include "anchoring/proof/note.hpp"

#include "storage/base/encoding.hpp"
#include "storage/crypto/hash.hpp"

#include <algorithm>

namespace proof {
namespace {

constexpr std::string_view kDash = "\xE2\x80\x94 ";  // em dash U+2014, space
constexpr std::uint8_t kEd25519 = 1;
constexpr std::size_t kMaxSignatures = 64;
constexpr std::size_t kMaxNoteBytes = 1u << 20;

tl::unexpected<base::Error> no_note(std::string why) {
    return base::fail(base::Kind::invalid, "no signed note: " + std::move(why));
}

// ASCII white space and control characters; the multi-byte Unicode spaces are caught by requiring ASCII-only separators around the name.
bool good_name(std::string_view name) {
    if (name.empty()) return false;
    for (std::size_t i = 0; i < name.size(); ++i) {
        const auto c = static_cast<unsigned char>(name[i]);
        if (c <= 0x20 || c == '+' || c == 0x7f) return false;
    }
    for (const std::string_view space :
         {"\xC2\x85", "\xC2\xA0", "\xE1\x9A\x80", "\xE2\x80\xA8", "\xE2\x80\xA9", "\xE2\x80\xAF", "\xE2\x81\x9F", "\xE3\x80\x80"}) {
        if (name.find(space) != std::string_view::npos) return false;
    }
    for (char last = '\x80'; last <= '\x8A'; ++last) {  // U+2000 to U+200A
        if (name.find(std::string("\xE2\x80") + last) != std::string_view::npos) return false;
    }
    return true;
}

bool good_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto c = static_cast<unsigned char>(text[i]);
        const std::size_t n = c < 0x80 ? 1 : c >= 0xC2 && c < 0xE0 ? 2 : c >= 0xE0 && c < 0xF0 ? 3 : c >= 0xF0 && c < 0xF5 ? 4 : 0;
        if (n == 0 || i + n > text.size()) return false;
        for (std::size_t k = 1; k < n; ++k) {
            if ((static_cast<unsigned char>(text[i + k]) & 0xC0) != 0x80) return false;
        }
        const auto second = n > 1 ? static_cast<unsigned char>(text[i + 1]) : 0u;
        // Overlong forms, surrogates, and beyond U+10FFFF.
        if ((c == 0xE0 && second < 0xA0) || (c == 0xED && second > 0x9F) || (c == 0xF0 && second < 0x90) || (c == 0xF4 && second > 0x8F))
            return false;
        i += n;
    }
    return true;
}

struct Parts {
    std::string_view text, signatures;
};

base::Result<Parts> split(std::string_view note) {
    if (note.size() > kMaxNoteBytes) return no_note("longer than 1 MiB");
    if (!good_utf8(note)) return no_note("it is not UTF-8");
    if (std::any_of(note.begin(), note.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\n'; }))
        return no_note("control character");
    const auto at = note.rfind("\n\n");
    if (at == std::string_view::npos) return no_note("no empty line before the signatures");
    const Parts out{note.substr(0, at + 1), note.substr(at + 2)};
    if (out.signatures.empty() || out.signatures.back() != '\n') return no_note("it does not end in a signature line");
    return out;
}

std::uint32_t key_id(std::string_view name, const crypto::Ed25519PublicKey& key) {
    constexpr std::array<std::uint8_t, 2> kMiddle{0x0A, kEd25519};
    const auto digest = crypto::sha256({base::as_bytes(name), kMiddle, key});
    return base::Reader(digest).u32();
}

}  // namespace

std::uint32_t VerifierKey::id() const {
    return key_id(name, key);
}

std::string VerifierKey::text() const {
    const auto number = base::Writer().u32(id()).take();
    const auto typed = base::Writer().u8(kEd25519).raw(key).take();
    return name + "+" + base::to_hex(number) + "+" + base::to_base64(typed);
}

base::Result<VerifierKey> VerifierKey::parse(std::string_view text) {
    const auto first = text.find('+');
    if (first == std::string_view::npos || text.size() < first + 10 || text[first + 9] != '+') {
        return base::fail(base::Kind::invalid, "a verifier key reads name+keyid+base64, this text does not");
    }
    VerifierKey out;
    out.name = text.substr(0, first);
    const auto hex = text.substr(first + 1, 8);
    const bool lower_hex = hex.find_first_not_of("0123456789abcdef") == std::string_view::npos;
    const auto typed = base::from_base64(text.substr(first + 10));
    if (!good_name(out.name) || !good_utf8(out.name) || !lower_hex || !typed || typed->size() != 33 || typed->front() != kEd25519) {
        return base::fail(base::Kind::invalid, "this verifier key has a bad name, key id or key (Ed25519, type 0x01, is understood)");
    }
    std::copy(typed->begin() + 1, typed->end(), out.key.begin());
    if (base::to_hex(base::Writer().u32(out.id()).bytes()) != hex) {
        return base::fail(base::Kind::invalid, "the key id of this verifier key does not fit its name and key");
    }
    return out;
}

std::string format_note(std::string_view text, const VerifierKey& key, const crypto::Ed25519Signature& signature) {
    CHECK(!text.empty() && text.back() == '\n' && good_name(key.name));
    const auto signed_bytes = base::Writer().u32(key.id()).raw(signature).take();
    std::string out(text);
    out.append("\n").append(kDash).append(key.name).append(" ").append(base::to_base64(signed_bytes)).append("\n");
    return out;
}

std::string sign_note(std::string_view text, std::string_view name, const crypto::Key& seed) {
    const VerifierKey key{std::string(name), crypto::ed25519_public_key(seed)};
    return format_note(text, key, crypto::ed25519_sign(seed, base::as_bytes(text)));
}

base::Result<std::string> note_text(std::string_view note) {
    const auto parts = split(note);
    if (!parts) return base::pass(parts);
    return std::string(parts->text);
}

base::Result<std::string> open_note(std::string_view note, const VerifierKey& key) {
    const auto parts = split(note);
    if (!parts) return base::pass(parts);
    bool good = false;
    std::size_t lines = 0;
    for (auto rest = parts->signatures; !rest.empty();) {
        const auto end = rest.find('\n');
        auto line = rest.substr(0, end);
        rest.remove_prefix(end + 1);
        if (++lines > kMaxSignatures) return no_note("more than 64 signatures");
        if (!line.starts_with(kDash)) return no_note("a line after the text that is no signature");
        line.remove_prefix(kDash.size());
        const auto space = line.find(' ');
        if (space == std::string_view::npos || !good_name(line.substr(0, space)))
            return no_note("a signature line without a good key name");
        const auto bytes = base::from_base64(line.substr(space + 1));
        if (!bytes || bytes->size() < 5) return no_note("a signature line that is not base64 of a key id and a signature");
        // Name and id together name a key; whatever else is here (witnesses, later key types) is not ours to judge.
        if (line.substr(0, space) != key.name || base::Reader(*bytes).u32() != key.id()) continue;
        if (!crypto::ed25519_verify(key.key, base::as_bytes(parts->text), base::ByteView(*bytes).subspan(4))) {
            return base::fail(base::Kind::invalid, "the signature of " + key.name + " on this note does not verify");
        }
        good = true;
    }
    if (!good) return base::fail(base::Kind::invalid, "this note is not signed by the key of " + key.name);
    return std::string(parts->text);
}

}  // namespace proof
