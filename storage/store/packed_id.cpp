#include "storage/store/packed_id.hpp"

#include <algorithm>

namespace store {
namespace {

constexpr std::uint8_t kUuid = 0xff;  // DO NOT CHANGE: stored
constexpr std::size_t kUuidText = 36;
constexpr std::size_t kUuidBytes = 16;

// Only lower case: an upper-case UUID is another id, and must come back as it was.
int nibble(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}
bool dash_at(std::size_t i) {
    return i == 8 || i == 13 || i == 18 || i == 23;
}

bool parse_uuid(std::string_view text, std::array<std::uint8_t, kUuidBytes>& out) {
    if (text.size() != kUuidText) return false;
    std::size_t filled = 0;
    for (std::size_t i = 0; i < kUuidText;) {
        if (dash_at(i)) {
            if (text[i++] != '-') return false;
            continue;
        }
        const int high = nibble(text[i]), low = nibble(text[i + 1]);
        if (high < 0 || low < 0) return false;
        out[filled++] = static_cast<std::uint8_t>(high << 4 | low);
        i += 2;
    }
    return true;
}

void append_uuid(base::ByteView bytes, std::string& out) {
    constexpr char kDigits[] = "0123456789abcdef";
    for (std::size_t i = 0; i < kUuidBytes; ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) out.push_back('-');
        out.push_back(kDigits[bytes[i] >> 4]);
        out.push_back(kDigits[bytes[i] & 15]);
    }
}

}  // namespace

void write_id(base::Writer& out, std::string_view id) {
    std::array<std::uint8_t, kUuidBytes> uuid{};
    if (parse_uuid(id, uuid)) {
        out.u8(kUuid).raw(uuid);
        return;
    }
    CHECK(id.size() <= kMostIdBytes);
    out.u8(static_cast<std::uint8_t>(id.size())).raw(base::as_bytes(id));
}

base::Bytes pack_id(std::string_view id) {
    base::Writer out;
    write_id(out, id);
    return out.take();
}

bool read_id(base::Reader& in, std::string& out) {
    const auto length = in.u8();
    const auto bytes = in.raw(length == kUuid ? kUuidBytes : length);
    if (!in.ok()) return false;
    if (length == kUuid) {
        append_uuid(bytes, out);
    } else {
        out += base::as_text(bytes);
    }
    return true;
}

std::string unpack_id(base::ByteView packed) {
    base::Reader in(packed);
    std::string out;
    if (!read_id(in, out) || !in.done()) return {};
    return out;
}

Patients patients_of(std::string_view sealing, const std::vector<std::string>& compartments) {
    Patients out{std::string(sealing), {}};
    if (!sealing.empty()) out.all.emplace_back(sealing);
    for (const auto& id : compartments) {
        if (std::find(out.all.begin(), out.all.end(), id) == out.all.end()) out.all.push_back(id);
    }
    return out;
}

void write_patients(base::Writer& out, const Patients& patients) {
    CHECK(patients.all.size() <= 0xffff);
    out.u8(patients.sealing.empty() ? 0 : 1).u16(static_cast<std::uint16_t>(patients.all.size()));
    for (const auto& id : patients.all) write_id(out, id);
}

bool read_patients(base::Reader& in, Patients& out) {
    const auto sealed = in.u8();
    const auto count = in.u16();
    if (!in.ok() || sealed > 1 || (sealed == 1 && count == 0)) return false;
    out.all.resize(count);
    for (auto& id : out.all) {
        id.clear();
        if (!read_id(in, id)) return false;
    }
    out.sealing = sealed == 1 ? out.all.front() : std::string();
    return true;
}

}  // namespace store
