#include "anchoring/chain/sealer.hpp"

#include "anchoring/chain/dictionary.hpp"
#include "anchoring/chain/event_packing.hpp"
#include "storage/crypto/aead.hpp"
#include "storage/crypto/compress.hpp"
#include "storage/crypto/hash.hpp"
#include "storage/crypto/random.hpp"

#include <algorithm>
#include <atomic>

namespace chain {
namespace {

using base::Kind;

constexpr std::size_t kMaxContent = 16u << 20;
constexpr std::size_t kMaxKeys = 10'000;  // of one event: tokens are counted in 16 bits

// Ties the sealed content to its entry: under the same patient key it opens at no other entry.
constexpr std::string_view kContentLabel = "kedge audit content 1";
std::array<std::uint8_t, kContentLabel.size() + 1 + 32> content_associated(proof::EntryKind kind, const proof::Digest& commit) {
    std::array<std::uint8_t, kContentLabel.size() + 1 + 32> out;
    auto* const at = std::copy(kContentLabel.begin(), kContentLabel.end(), out.data());
    *at = static_cast<std::uint8_t>(kind);
    std::copy(commit.begin(), commit.end(), at + 1);
    return out;
}

// A thread's own room for what it packs, kept so that a request costs no allocation; wiped after each use.
class Scratch {
  public:
    Scratch() { bytes().clear(); }
    ~Scratch() { base::wipe(bytes()); }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    base::Bytes& bytes() {
        thread_local base::Bytes bytes;
        return bytes;
    }
};

std::uint64_t next_serial() {
    static std::atomic<std::uint64_t> counter{1};
    return counter++;
}

base::Result<std::string> unpack(Packing packing, base::ByteView packed) {
    switch (packing) {
        case Packing::raw:
            return std::string(base::as_text(packed));
        case Packing::audit_event_1:
            return crypto::unpack_lz4(packed, audit_event_dictionary(), kMaxContent);
        case Packing::audit_event_2:
            return unpack_event(packed, kMaxContent);
    }
    return base::fail(Kind::corrupt, "a packing that is not known here");
}

}  // namespace

Sealer::Sealer(store::KeyRing& keys)
    : serial_(next_serial()), keys_(keys), token_key_(keys.derived("audit-token").view()), tenant_key_(keys.derived("audit")) {}

Token Sealer::token(Domain domain, std::string_view text) const {
    const std::array<std::uint8_t, 1> mark{static_cast<std::uint8_t>(domain)};
    const auto digest = token_key_.of({mark, base::as_bytes(text)});
    Token out;
    std::copy_n(digest.begin(), out.size(), out.begin());
    return out;
}

// The same few agents and patients come again and again: a small table for each thread, where a newcomer takes the place of what was there.
Token Sealer::cached_token(Domain domain, std::string_view text) const {
    struct Slot {
        std::uint64_t serial = 0;
        Domain domain{};
        std::string text;
        Token token{};
    };
    constexpr std::size_t kSlots = 512, kMaxText = 64;
    if (text.size() > kMaxText) return token(domain, text);
    thread_local std::vector<Slot> slots(kSlots);
    auto& slot = slots[(std::hash<std::string_view>()(text) ^ static_cast<std::size_t>(domain)) % kSlots];
    if (slot.serial != serial_ || slot.domain != domain || slot.text != text)
        slot = {serial_, domain, std::string(text), token(domain, text)};
    return slot.token;
}

IndexRow Sealer::row_of(const Submission& s) const {
    IndexRow row;
    row.recorded_us = s.keys.recorded_us;
    row.action = s.keys.action;
    row.outcome = s.keys.outcome;
    row.subtype = s.keys.subtype;
    row.kind = s.kind;
    row.id = token(Domain::id, s.keys.id);
    row.tokens.reserve(s.keys.patients.size() + s.keys.agents.size() + s.keys.entities.size() + 1);
    if (s.kind == proof::EntryKind::write_set) row.tokens.push_back(cached_token(Domain::kind, kWriteSet));  // so that the newest is found
    for (const auto& patient : s.keys.patients) row.tokens.push_back(cached_token(Domain::patient, patient));
    for (const auto& agent : s.keys.agents) row.tokens.push_back(cached_token(Domain::agent, agent));
    // References come again; the id of a request, which stands among them, does not.
    for (const auto& entity : s.keys.entities) row.tokens.push_back(entity.find('/') == entity.npos ? token(Domain::entity, entity) : cached_token(Domain::entity, entity));
    return row;
}

base::Result<Prepared> Sealer::prepare(const Submission& s, base::Bytes& tails) const {
    if (s.keys.id.empty() || s.content.empty()) return base::fail(Kind::invalid, "an audit submission needs an id and content");
    if (s.content.size() > kMaxContent) return base::fail(Kind::too_large, "an audit event has at most 16 MiB");
    if (s.keys.id.size() > 256 || s.keys.subtype.size() > 256 ||
        s.keys.patients.size() + s.keys.agents.size() + s.keys.entities.size() > kMaxKeys) {
        return base::fail(Kind::too_large, "an audit event has an id and a subtype of at most 256 bytes and at most 10000 index keys");
    }
    const auto salt = crypto::random_array<32>();
    Prepared out;
    out.kind = s.kind;
    out.once = s.once;
    out.commit = proof::commit_of(salt, base::as_bytes(s.content));

    out.tail_at = tails.size();
    EntryFrame frame;
    frame.id = s.keys.id;
    frame.row = row_of(s);
    if (s.kind == proof::EntryKind::write_set) {  // names no one: the frame is sealed anyway
        frame.begin_tail(tails, salt.size() + s.content.size());
        tails.insert(tails.end(), salt.begin(), salt.end());
        tails.insert(tails.end(), s.content.begin(), s.content.end());
    } else {
        store::NamedKey named;
        frame.sealed_by = SealedBy::tenant;
        if (!s.key_patient.empty()) {
            auto key = keys_.patient_key(s.key_patient, store::KeyUse::audit);
            if (!key) return base::pass(key);
            named = std::move(*key);
            frame.key_id = named.id;
            frame.sealed_by = SealedBy::patient;
        }
        frame.packing = Packing::audit_event_2;
        Scratch packed;
        pack_event(s.content, packed.bytes());
        frame.begin_tail(tails, crypto::kNonceBytes + salt.size() + packed.bytes().size() + crypto::kTagBytes);
        const auto sealed = crypto::seal_onto(tails, named.key ? *named.key : tenant_key_, {salt, packed.bytes()}, content_associated(s.kind, out.commit));
        if (!sealed) return base::pass(sealed);
    }
    out.tail_size = tails.size() - out.tail_at;
    out.row = std::move(frame.row);
    return out;
}

base::Result<StoredEvent> Sealer::open(const EntryFrame& frame) const {
    const auto damaged = [&](const char* why) {
        return base::fail(Kind::corrupt, "entry " + std::to_string(frame.entry.seq) + ": " + why);
    };
    StoredEvent out;
    out.entry = frame.entry;
    out.keys.id = frame.id;
    out.keys.recorded_us = frame.row.recorded_us;
    out.keys.action = frame.row.action;
    out.keys.outcome = frame.row.outcome;
    out.keys.subtype = frame.row.subtype;

    base::Bytes plain;
    if (frame.sealed_by == SealedBy::log) {
        plain = frame.content;
    } else {
        store::NamedKey named;
        if (frame.sealed_by == SealedBy::patient) {
            auto key = keys_.by_id(frame.key_id);
            if (!key && key.error().kind == Kind::gone) {
                out.erased = true;
                return out;
            }
            if (!key) return base::pass(key);
            named = std::move(*key);
        }
        auto opened =
            crypto::open(named.key ? *named.key : tenant_key_, frame.content, content_associated(frame.entry.kind, frame.entry.commit));
        if (!opened) return damaged("the stored event does not open");
        plain = std::move(*opened);
    }
    if (plain.size() < out.salt.size()) return damaged("the stored event is cut short");
    std::copy_n(plain.begin(), out.salt.size(), out.salt.begin());
    const auto packed = base::ByteView(plain).subspan(out.salt.size());
    auto text = unpack(frame.packing, packed);
    if (!text) return damaged("the stored event does not unpack");
    out.content = std::move(*text);
    if (proof::commit_of(out.salt, base::as_bytes(out.content)) != frame.entry.commit)
        return damaged("the stored event does not match its commitment");
    return out;
}

}  // namespace chain
