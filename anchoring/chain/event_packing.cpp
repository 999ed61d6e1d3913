// One byte says what follows:
//
//   0x00 ... 0x7e   a phrase of event_phrases.hpp
//   0x7f            16 bytes: a UUID (RFC 9562) in its lower-case text form
//   0x80 ... 0xbf   1 to 64 bytes as they stand; when there are 4 or more, they are the next value to be remembered
//   0xc0 ... 0xff   value 0 to 63 again
#include "anchoring/chain/event_packing.hpp"

#include "anchoring/chain/event_phrases.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace chain {
namespace {

using base::Kind;

constexpr std::uint8_t kUuid = 0x7f, kVerbatim = 0x80, kAgain = 0xc0;
constexpr std::size_t kMostVerbatim = 64, kMostValues = 64, kLeastValue = 4;
constexpr std::size_t kUuidBytes = 16, kUuidText = 36;
constexpr std::size_t kPrefix = 8;
static_assert(kEventPhrases.size() <= kUuid);
static_assert(std::all_of(kEventPhrases.begin(), kEventPhrases.end(), [](auto p) { return p.size() >= kPrefix && (p[0] == '"' || p[0] == '{'); }));

// Phrases by a hash of their first eight characters, the longest first within a slot.
class Phrasebook {
  public:
    Phrasebook() {
        for (std::uint8_t n = 0; n < kEventPhrases.size(); ++n) {
            auto& slot = slots_[slot_of(kEventPhrases[n].data())];
            const auto shorter = std::find_if(slot.begin(), slot.end(), [&](auto other) { return kEventPhrases[other].size() < kEventPhrases[n].size(); });
            slot.insert(shorter, n);
        }
    }
    // The longest phrase that `text` begins with, or null.
    const std::uint8_t* find(std::string_view text) const {
        if (text.size() < kPrefix) return nullptr;
        for (const auto& n : slots_[slot_of(text.data())]) {
            if (text.starts_with(kEventPhrases[n])) return &n;
        }
        return nullptr;
    }

  private:
    static std::size_t slot_of(const char* text) {
        std::uint64_t word = 0;
        std::memcpy(&word, text, sizeof word);
        return static_cast<std::size_t>(word * 0x9e3779b97f4a7c15u >> 57);
    }
    std::array<std::vector<std::uint8_t>, 128> slots_;
};

constexpr std::array<std::uint8_t, kUuidBytes> kUuidDigits{0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34};  // where each byte begins

constexpr std::uint8_t kNoDigit = 0x80;
constexpr std::array<std::uint8_t, 256> kDigitOf = [] {
    std::array<std::uint8_t, 256> out;
    out.fill(kNoDigit);
    for (std::uint8_t n = 0; n < 16; ++n) out[static_cast<std::uint8_t>("0123456789abcdef"[n])] = n;
    return out;
}();

// False when `text` does not begin with a UUID that comes out of its bytes as it stands.
bool read_uuid(std::string_view text, std::array<std::uint8_t, kUuidBytes>& out) {
    if (text.size() < kUuidText || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-') return false;
    std::uint8_t seen = 0;
    for (std::size_t n = 0; n < kUuidBytes; ++n) {
        const auto high = kDigitOf[static_cast<std::uint8_t>(text[kUuidDigits[n]])], low = kDigitOf[static_cast<std::uint8_t>(text[kUuidDigits[n] + 1])];
        out[n] = static_cast<std::uint8_t>(high << 4 | low);
        seen |= high | low;
    }
    return (seen & kNoDigit) == 0;
}

void write_uuid(base::ByteView bytes, std::string& out) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        if (at == 4 || at == 6 || at == 8 || at == 10) out += '-';
        out += kDigits[bytes[at] >> 4];
        out += kDigits[bytes[at] & 15];
    }
}

class Packer {
  public:
    explicit Packer(base::Bytes& out) : out_(out) {}
    void phrase(std::uint8_t number) { out_.push_back(number); }
    // What stands between two phrases. A UUID in it begins it or follows a slash ("Observation/...").
    void between(std::string_view text) {
        std::array<std::uint8_t, kUuidBytes> uuid;
        while (text.size() >= kUuidText) {
            const auto slash = text.find('/');
            const auto before = read_uuid(text, uuid) ? 0 : slash != text.npos && read_uuid(text.substr(slash + 1), uuid) ? slash + 1 : text.npos;
            if (before == text.npos) break;
            verbatim(text.substr(0, before));
            out_.push_back(kUuid);
            out_.insert(out_.end(), uuid.begin(), uuid.end());
            text.remove_prefix(before + kUuidText);
        }
        verbatim(text);
    }

  private:
    void verbatim(std::string_view text) {
        for (; !text.empty(); text.remove_prefix(std::min(text.size(), kMostVerbatim))) {
            const auto run = text.substr(0, kMostVerbatim);
            const auto* const known = std::find(values_.data(), values_.data() + count_, run);
            if (run.size() >= kLeastValue && known != values_.data() + count_) {
                out_.push_back(static_cast<std::uint8_t>(kAgain + (known - values_.data())));
                continue;
            }
            out_.push_back(static_cast<std::uint8_t>(kVerbatim + run.size() - 1));
            out_.insert(out_.end(), run.begin(), run.end());
            if (run.size() >= kLeastValue && count_ < kMostValues) values_[count_++] = run;
        }
    }
    base::Bytes& out_;
    std::array<std::string_view, kMostValues> values_;
    std::size_t count_ = 0;
};

}  // namespace

void pack_event(std::string_view text, base::Bytes& out) {
    static const Phrasebook book;
    Packer packer(out);
    std::size_t kept = 0, at = 0;  // text[kept, at) is not said yet
    while (at < text.size()) {
        if (const auto* const number = book.find(text.substr(at))) {
            packer.between(text.substr(kept, at - kept));
            packer.phrase(*number);
            kept = at = at + kEventPhrases[*number].size();
        } else {
            at = std::min(text.find('"', at + 1), text.size());
        }
    }
    packer.between(text.substr(kept));
}

base::Result<std::string> unpack_event(base::ByteView packed, std::size_t max_bytes) {
    base::Reader in(packed);
    std::string out;
    std::vector<std::pair<std::size_t, std::size_t>> values;  // where they stand in `out`, and how long they are
    while (in.left() > 0) {
        const auto what = in.u8();
        if (what < kEventPhrases.size()) {
            out += kEventPhrases[what];
        } else if (what < kUuid) {
            return base::fail(Kind::corrupt, "a packed event has a phrase that is not known here");
        } else if (what == kUuid) {
            write_uuid(in.raw(kUuidBytes), out);
        } else if (what < kAgain) {
            const std::size_t size = what - kVerbatim + 1u;
            if (size >= kLeastValue && values.size() < kMostValues) values.emplace_back(out.size(), size);
            out += base::as_text(in.raw(size));
        } else {
            const std::size_t value = what - kAgain;
            if (value >= values.size()) return base::fail(Kind::corrupt, "a packed event repeats a value that it does not have");
            out.append(out, values[value].first, values[value].second);
        }
        if (!in.ok()) return base::fail(Kind::corrupt, "a packed event is cut short");
        if (out.size() > max_bytes) return base::fail(Kind::corrupt, "a packed event would grow past " + std::to_string(max_bytes) + " bytes");
    }
    return out;
}

}  // namespace chain
