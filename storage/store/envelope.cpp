#include "storage/store/envelope.hpp"

#include "storage/crypto/aead.hpp"
#include "storage/crypto/hash.hpp"
#include "storage/crypto/random.hpp"
#include "storage/store/dictionary.hpp"

#include <algorithm>

namespace store {
namespace {

using base::Kind;

// DO NOT CHANGE any of these: stored
constexpr std::uint8_t kFormat = 1;
constexpr std::uint8_t kDeleted = 1, kIdGiven = 2, kRevived = 4;
constexpr std::size_t kSaltBytes = 32;
constexpr std::string_view kNameDomain = "kedge record name 1";
constexpr std::string_view kBodyDomain = "kedge record body 1";
constexpr std::string_view kAlgorithm = "A256GCM";

constexpr std::size_t kMostContentBytes = 64u << 20;  // facts and body; the request limit of the server is below it

// format, dictionary, key id, salt: what stands in the clear before the sealed part.
constexpr std::size_t kHeaderBytes = 2 + sizeof(KeyId) + kSaltBytes;

base::Bytes name_associated(const RowPlace& place) {
    base::Writer out;
    out.sized(kNameDomain).u8(kFormat).u64(place.seq).raw(place.rid).u32(place.version);
    return out.take();
}

base::Bytes body_associated(std::uint8_t dictionary, const KeyId& key, std::string_view type, std::string_view id, std::uint32_t version) {
    base::Writer out;
    out.sized(kBodyDomain).u8(kFormat).u8(dictionary).raw(key).sized(type).sized(id).u32(version);
    return out.take();
}

// A key for this version alone: however much one patient's key seals, no AES key comes near GCM's limit for random nonces.
crypto::Key record_key(const crypto::Key& patient_key, base::ByteView salt, std::string_view type, std::string_view id,
                       std::uint32_t version) {
    std::string info = "res|";
    info.append(type).append("|").append(id).append("|").append(std::to_string(version)).append("|").append(kAlgorithm);
    return crypto::hkdf_sha256(patient_key, salt, info);
}

base::Bytes plain_body(const NewRecord& record, base::ByteView packed) {
    base::Writer out;
    const auto flags = (record.deleted ? kDeleted : 0) | (record.id_given ? kIdGiven : 0) | (record.revived ? kRevived : 0);
    out.u64(static_cast<std::uint64_t>(record.updated_us)).u8(static_cast<std::uint8_t>(flags));
    write_patients(out, patients_of(record.patient, record.patients));
    out.raw(packed);
    return out.take();
}

base::Result<base::Bytes> pack(const NewRecord& record) {
    base::Writer content;
    content.sized(record.facts).raw(base::as_bytes(record.body));
    return dictionary(kDictionaryNow)->compress(content.bytes());
}

bool names_fit(std::string_view type, std::string_view id) {
    // The separator of record_key's info cannot be part of a name: two names can never make the same text.
    const auto fits = [](std::string_view name) {
        return !name.empty() && name.size() <= kMostIdBytes && name.find('|') == std::string_view::npos;
    };
    return fits(type) && fits(id);
}

}  // namespace

Envelope::Envelope(KeyRing& keys) : keys_(keys), rid_key_(keys.derived("rid")), name_key_(keys.derived("name")) {}

RecordId Envelope::record_id(std::string_view type, std::string_view id) const {
    const auto length = static_cast<std::uint8_t>(type.size());  // unambiguous: a type is shorter than 255 bytes
    const auto digest = crypto::hmac_sha256(rid_key_.view(), {base::ByteView(&length, 1), base::as_bytes(type), base::as_bytes(id)});
    RecordId out;
    std::copy_n(digest.begin(), out.size(), out.begin());
    return out;
}

base::Result<SealedRow> Envelope::seal(const NewRecord& record, const RowPlace& place) const {
    if (!names_fit(record.type, record.id) || record.patient.size() > kMostIdBytes ||
        std::any_of(record.patients.begin(), record.patients.end(), [](const auto& p) { return p.empty() || p.size() > kMostIdBytes; })) {
        return base::fail(Kind::invalid, "a type or id that cannot be stored: empty, longer than 254 bytes, or with a | in it");
    }
    if (record.patients.size() >= 0xffff) return base::fail(Kind::too_large, "a resource can belong to at most 65534 patients");
    if (record.body.size() + record.facts.size() > kMostContentBytes) {
        return base::fail(Kind::too_large, "a resource can have at most " + std::to_string(kMostContentBytes) + " bytes");
    }
    const auto key = record.patient.empty() ? keys_.by_id(KeyId{}) : keys_.patient_key(record.patient, KeyUse::data);
    if (!key) return base::pass(key);
    const auto packed = pack(record);
    if (!packed) return base::pass(packed);
    const auto salt = crypto::random_array<kSaltBytes>();
    const auto sealed = crypto::seal(record_key(*key->key, salt, record.type, record.id, record.version), plain_body(record, *packed),
                                     body_associated(kDictionaryNow, key->id, record.type, record.id, record.version));
    if (!sealed) return base::pass(sealed);
    base::Writer body;
    body.u8(kFormat).u8(kDictionaryNow).raw(key->id).raw(salt).raw(*sealed);
    SealedRow row;
    row.body = body.take();
    const auto hash = crypto::sha256(row.body);

    base::Writer name;
    write_id(name, record.type);
    write_id(name, record.id);
    write_id(name, record.patient);
    name.u64(static_cast<std::uint64_t>(record.updated_us)).u8(record.deleted ? kDeleted : 0).raw(hash);
    auto sealed_name = crypto::seal(name_key_, name.bytes(), name_associated(place));
    if (!sealed_name) return base::pass(sealed_name);
    row.name = std::move(*sealed_name);
    row.version = Version{place.seq, record.version, record.updated_us, record.deleted, record.id_given, record.revived, record.deleted ? base::Digest{} : hash};
    return row;
}

base::Result<RowName> Envelope::open_name(base::ByteView name, const RowPlace& place) const {
    const auto plain = crypto::open(name_key_, name, name_associated(place));
    if (!plain) return base::pass(plain);
    base::Reader in(*plain);
    RowName out;
    const bool named = read_id(in, out.type) && read_id(in, out.id) && read_id(in, out.patient);
    out.updated_us = static_cast<base::TimeUs>(in.u64());
    out.deleted = (in.u8() & kDeleted) != 0;
    out.body_hash = in.array<32>();
    if (!named || !in.done()) return base::fail(Kind::corrupt, "a record's name opens, and is not well formed");
    return out;
}

base::Result<KeyId> Envelope::key_of(base::ByteView body) {
    if (body.size() < kHeaderBytes) return base::fail(Kind::corrupt, "a record's body is cut short");
    KeyId id;
    std::copy_n(body.begin() + 2, id.size(), id.begin());
    return id;
}

base::Result<OpenedRow> Envelope::open_body(base::ByteView body, std::string_view type, std::string_view id, const RowPlace& place) const {
    base::Reader header(body);
    const auto format = header.u8();
    const auto number = header.u8();
    const auto key_id = header.array<sizeof(KeyId)>();
    const auto salt = header.raw(kSaltBytes);
    const auto* const unpack = dictionary(number);
    if (!header.ok() || format != kFormat || unpack == nullptr) return base::fail(Kind::corrupt, "a record's body has no known format");
    const auto key = keys_.by_id(key_id);
    if (!key) return base::pass(key);
    const auto plain = crypto::open(record_key(*key->key, salt, type, id, place.version), header.raw(header.left()),
                                    body_associated(number, key_id, type, id, place.version));
    if (!plain) return base::pass(plain);

    base::Reader in(*plain);
    OpenedRow out;
    auto& record = out.record;
    record.version.updated_us = static_cast<base::TimeUs>(in.u64());
    const auto flags = in.u8();
    record.version.deleted = (flags & kDeleted) != 0;
    record.version.id_given = (flags & kIdGiven) != 0;
    record.version.revived = (flags & kRevived) != 0;
    if (!read_patients(in, out.patients)) return base::fail(Kind::corrupt, "a record's body opens, and is not well formed");
    const auto content = unpack->decompress(in.raw(in.left()), kMostContentBytes + 4);
    if (!content) return base::pass(content);
    base::Reader parts(base::as_bytes(*content));
    record.facts = parts.text();
    record.body = std::string(base::as_text(parts.raw(parts.left())));
    if (!parts.done()) return base::fail(Kind::corrupt, "a record's body opens, and is not well formed");
    record.type = type;
    record.id = id;
    record.patient = out.patients.sealing;
    record.version.seq = place.seq;
    record.version.version = place.version;
    if (!record.version.deleted) record.version.ciphertext_hash = crypto::sha256(body);
    return out;
}

}  // namespace store
