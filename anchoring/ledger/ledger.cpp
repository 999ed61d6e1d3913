#include "anchoring/ledger/ledger.hpp"

#include <algorithm>

namespace ledger {
namespace {

// Times are kept in 48 bits. The contracts refuse wider ones before they get here.
void u48(base::Writer& out, std::uint64_t v) {
    CHECK(v <= kNoEnd);
    out.u16(static_cast<std::uint16_t>(v >> 32)).u32(static_cast<std::uint32_t>(v));
}

std::uint64_t u48(base::Reader& in) {
    const std::uint64_t high = in.u16();
    return high << 32 | in.u32();
}

}  // namespace

Hash pack(const ConsentStatus& status) {
    base::Writer out;
    out.raw(status.terms_prefix);
    u48(out, status.changed_at);
    u48(out, status.not_after);
    u48(out, status.not_before);
    out.u8(static_cast<std::uint8_t>(status.state));
    Hash word{};
    std::copy(out.bytes().begin(), out.bytes().end(), word.begin());
    return word;
}

base::Result<ConsentStatus> unpack(const Hash& word) {
    base::Reader in(word);
    ConsentStatus out;
    out.terms_prefix = in.array<13>();
    out.changed_at = u48(in);
    out.not_after = u48(in);
    out.not_before = u48(in);
    const auto state = in.u8();
    if (state > static_cast<std::uint8_t>(ConsentState::revoked))
        return base::fail(base::Kind::corrupt, "a consent's state on the ledger is none of the three");
    out.state = static_cast<ConsentState>(state);
    return out;
}

// The embedded ledger's: it is in this process and takes no fees.
Health Ledger::health(const Address&) {
    return {};
}

bool has_terms(const ConsentStatus& status, const Hash& terms_hash) {
    return std::equal(status.terms_prefix.begin(), status.terms_prefix.end(), terms_hash.begin());
}

}  // namespace ledger
