#include "storage/store/index_row.hpp"

#include "storage/crypto/hash.hpp"

namespace store {
namespace {

constexpr char kSeparator = '\x1f';  // stands in no FHIR code
constexpr std::uint8_t kDeleted = 1;

// The value of a reference is an id, of which most are UUIDs. A reference without a type holds a URL.
bool holds_id(const IndexEntry& entry) {
    return entry.kind == IndexEntry::Kind::reference && !entry.system.empty() && entry.value.size() <= kMostIdBytes;
}

bool is_range(IndexEntry::Kind kind) {
    return kind == IndexEntry::Kind::date || kind == IndexEntry::Kind::number || kind == IndexEntry::Kind::quantity;
}

void add_entry(std::vector<IndexTerm>& out, std::string_view type, const IndexEntry& entry, const Tokens& tokens) {
    IndexTerm term{
        param_name(type, entry.param, entry.kind, entry.direct_identifier), entry.system, Shape::text, {}, entry.low, entry.high};
    if (is_range(entry.kind)) {
        term.shape = Shape::range;
        term.value = entry.value;
    } else if (entry.direct_identifier) {
        term.shape = Shape::packed;
        term.value = tokens.whole(entry.param, entry.value);
        if (entry.kind == IndexEntry::Kind::string) {
            for (const auto length : prefix_lengths(entry.value)) {
                auto prefix = term;
                prefix.value = tokens.beginning(entry.param, std::string_view(entry.value).substr(0, length));
                out.push_back(std::move(prefix));
            }
        }
    } else if (holds_id(entry)) {
        term.shape = Shape::packed;
        term.value = base::as_text(pack_id(entry.value));
    } else {
        term.value = entry.value;
    }
    out.push_back(std::move(term));
}

}  // namespace

std::string param_name_prefix(std::string_view param, IndexEntry::Kind kind, bool direct_identifier) {
    std::string out = "p";
    out.append(param).push_back(kSeparator);
    out.push_back(static_cast<char>('0' + static_cast<int>(kind)));
    out.push_back(direct_identifier ? 'd' : '-');
    out.push_back(kSeparator);
    return out;
}
std::string param_name(std::string_view type, std::string_view param, IndexEntry::Kind kind, bool direct_identifier) {
    return param_name_prefix(param, kind, direct_identifier).append(type);
}

std::string Tokens::make(char domain, std::string_view param, std::string_view value) const {
    const auto length = static_cast<std::uint8_t>(std::min<std::size_t>(param.size(), 255));
    const std::uint8_t head[] = {static_cast<std::uint8_t>(domain), length};
    const auto digest = crypto::hmac_sha256(key_.view(), {base::ByteView(head), base::as_bytes(param), base::as_bytes(value)});
    return std::string(base::as_text(digest).substr(0, 16));
}
std::string Tokens::whole(std::string_view param, std::string_view value) const {
    return make('=', param, value);
}
std::string Tokens::beginning(std::string_view param, std::string_view value) const {
    return make('^', param, value);
}

std::vector<std::size_t> prefix_lengths(std::string_view text) {
    std::vector<std::size_t> out;
    for (std::size_t at = 1; at <= text.size() && out.size() < kLongestPrefix; ++at) {
        const bool inside = at < text.size() && (static_cast<std::uint8_t>(text[at]) & 0xc0) == 0x80;
        if (!inside) out.push_back(at);
    }
    return out;
}

IndexRow index_row(const NewRecord& record, std::uint64_t seq, std::uint64_t prior_seq, const Tokens& tokens) {
    IndexRow out;
    out.seq = seq;
    out.prior_seq = prior_seq;
    out.type = record.type;
    out.id = record.id;
    out.version = record.version;
    out.updated_us = record.updated_us;
    out.deleted = record.deleted;
    out.patients = patients_of(record.patient, record.patients);
    out.facts = record.facts;
    out.terms.reserve(record.index.size());
    for (const auto& entry : record.index) add_entry(out.terms, record.type, entry, tokens);
    return out;
}

void write_index_row(base::Writer& out, const IndexRow& row) {
    out.u64(row.seq).u64(row.prior_seq).sized(row.type).sized(row.id).u32(row.version);
    out.u64(static_cast<std::uint64_t>(row.updated_us)).u8(row.deleted ? kDeleted : 0);
    write_patients(out, row.patients);
    out.sized(row.facts).u32(static_cast<std::uint32_t>(row.terms.size()));
    for (const auto& term : row.terms) {
        out.sized(term.param).sized(term.system).u8(static_cast<std::uint8_t>(term.shape)).sized(term.value);
        if (term.shape == Shape::range) out.u64(static_cast<std::uint64_t>(term.low)).u64(static_cast<std::uint64_t>(term.high));
    }
}

std::optional<IndexRow> read_index_row(base::Reader& in) {
    IndexRow row;
    row.seq = in.u64();
    row.prior_seq = in.u64();
    row.type = in.text();
    row.id = in.text();
    row.version = in.u32();
    row.updated_us = static_cast<base::TimeUs>(in.u64());
    row.deleted = (in.u8() & kDeleted) != 0;
    if (!read_patients(in, row.patients)) return std::nullopt;
    row.facts = in.text();
    const auto count = in.u32();
    for (std::uint32_t i = 0; i < count && in.ok(); ++i) {
        IndexTerm term{in.text(), in.text(), Shape{in.u8()}, in.text(), 0, 0};
        if (term.shape > Shape::range) return std::nullopt;
        if (term.shape == Shape::range) {
            term.low = static_cast<std::int64_t>(in.u64());
            term.high = static_cast<std::int64_t>(in.u64());
        }
        row.terms.push_back(std::move(term));
    }
    if (!in.ok()) return std::nullopt;
    return row;
}

}  // namespace store
