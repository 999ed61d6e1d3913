#include "anchoring/ledger/state.hpp"

#include "anchoring/ethereum/abi.hpp"
#include "anchoring/ethereum/keccak.hpp"
#include "storage/base/encoding.hpp"

namespace ledger {
namespace {

base::Bytes key_of(char kind, base::ByteView rest) {
    return base::Writer().u8(static_cast<std::uint8_t>(kind)).raw(rest).take();
}

// The storage key of the Solidity mapping, so that both ledgers name a consent alike.
base::Bytes consent_key(const Address& subject, const Hash& consent_id) {
    return key_of('c', ethereum::keccak256(ethereum::abi_encode({ethereum::AbiValue::of(subject), ethereum::AbiValue::of(consent_id)})));
}

tl::unexpected<base::Error> malformed(base::ByteView key) {
    return base::fail(base::Kind::corrupt, "ledger row '" + row_name(key) + "' is malformed");
}

}  // namespace

base::Result<std::optional<base::Bytes>> State::row(base::ByteView key) {
    const auto found = changes_.find(base::to_bytes(key));
    if (found != changes_.end()) return found->second;
    return under_->row(key);
}

base::Result<ConsentStatus> consent_row(Rows& rows, const Address& subject, const Hash& consent_id) {
    const auto key = consent_key(subject, consent_id);
    const auto value = rows.row(key);
    if (!value) return base::pass(value);
    if (!*value) return ConsentStatus{};
    base::Reader in(**value);
    const auto word = in.array<32>();
    const auto status = unpack(word);
    if (!in.done() || !status) return malformed(key);
    return status;
}

void set_consent_row(State& state, const Address& subject, const Hash& consent_id, const ConsentStatus& status) {
    state.set(consent_key(subject, consent_id), base::to_bytes(pack(status)));
}

base::Result<std::optional<Anchor>> anchor_row(Rows& rows, const Hash& log_id) {
    const auto key = key_of('a', log_id);
    const auto value = rows.row(key);
    if (!value) return base::pass(value);
    if (!*value) return std::nullopt;
    base::Reader in(**value);
    Anchor out;
    out.owner.bytes = in.array<20>();
    out.size = in.u64();
    out.block_number = in.u64();
    out.root = in.array<32>();
    if (!in.done()) return malformed(key);
    return out;
}

void set_anchor_row(State& state, const Hash& log_id, const Anchor& anchor) {
    state.set(key_of('a', log_id),
              base::Writer().raw(anchor.owner.bytes).u64(anchor.size).u64(anchor.block_number).raw(anchor.root).take());
}

base::Result<std::uint64_t> nonce_row(Rows& rows, const Address& sender) {
    const auto key = key_of('n', sender.bytes);
    const auto value = rows.row(key);
    if (!value) return base::pass(value);
    if (!*value) return 0;
    base::Reader in(**value);
    const auto next = in.u64();
    if (!in.done()) return malformed(key);
    return next;
}

void set_nonce_row(State& state, const Address& sender, std::uint64_t next) {
    state.set(key_of('n', sender.bytes), base::Writer().u64(next).take());
}

base::Result<std::optional<TxnPlace>> txn_row(Rows& rows, const Hash& txn_hash) {
    const auto key = key_of('t', txn_hash);
    const auto value = rows.row(key);
    if (!value) return base::pass(value);
    if (!*value) return std::nullopt;
    base::Reader in(**value);
    const TxnPlace out{in.u64(), in.u32()};
    if (!in.done()) return malformed(key);
    return out;
}

void set_txn_row(State& state, const Hash& txn_hash, const TxnPlace& place) {
    state.set(key_of('t', txn_hash), base::Writer().u64(place.block_number).u32(place.index).take());
}

std::string row_name(base::ByteView key) {
    const auto kind = key.empty() ? '\0' : static_cast<char>(key[0]);
    const std::string name = kind == 'c'   ? "consent"
                             : kind == 'a' ? "log"
                             : kind == 'n' ? "nonce"
                             : kind == 't' ? "transaction"
                                           : "unknown";
    return name + " 0x" + base::to_hex(key.empty() ? key : key.subspan(name == "unknown" ? 0 : 1));
}

}  // namespace ledger
