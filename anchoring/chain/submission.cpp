// How a submission waits in the store's journal (FORMAT.md section 6). The journal's file is encrypted page by page.
#include "anchoring/chain/audit_log.hpp"

namespace chain {
namespace {

constexpr std::uint8_t kVersion = 1;

void put(base::Writer& out, const std::vector<std::string>& texts) {
    out.u32(static_cast<std::uint32_t>(texts.size()));
    for (const auto& text : texts) out.sized(text);
}

std::vector<std::string> take(base::Reader& in) {
    std::vector<std::string> out;
    const std::size_t count = in.u32();
    for (std::size_t i = 0; i < count && in.ok(); ++i) out.push_back(in.text());
    return out;
}

}  // namespace

base::Bytes Submission::encode() const {
    base::Writer out;
    out.u8(kVersion).u8(static_cast<std::uint8_t>(kind)).sized(key_patient).sized(content).sized(keys.id);
    out.u64(static_cast<std::uint64_t>(keys.recorded_us)).u8(static_cast<std::uint8_t>(keys.action)).u8(keys.outcome).sized(keys.subtype);
    put(out, keys.patients);
    put(out, keys.agents);
    put(out, keys.entities);
    return out.take();
}

base::Result<Submission> Submission::decode(base::ByteView bytes) {
    base::Reader in(bytes);
    const auto version = in.u8(), kind = in.u8();
    Submission out;
    out.kind = static_cast<proof::EntryKind>(kind);
    out.key_patient = in.text();
    out.content = in.text();
    out.keys.id = in.text();
    out.keys.recorded_us = static_cast<base::TimeUs>(in.u64());
    out.keys.action = static_cast<char>(in.u8());
    out.keys.outcome = in.u8();
    out.keys.subtype = in.text();
    out.keys.patients = take(in);
    out.keys.agents = take(in);
    out.keys.entities = take(in);
    if (version != kVersion || (kind != 1 && kind != 2) || !in.done())
        return base::fail(base::Kind::corrupt, "these bytes are no audit submission");
    return out;
}

}  // namespace chain
