#include "anchoring/ethereum/keccak.hpp"
#include "anchoring/ethereum/rlp.hpp"
#include "anchoring/ethereum/transaction.hpp"

#include <algorithm>

namespace ethereum {
namespace {

using base::fail;
using base::Kind;

// Takes the fields of the list one after the other. After the first bad field every further call yields zeroes and the first error
// stays: take all fields, then look once.
class Fields {
  public:
    explicit Fields(std::vector<RlpItem> items) : items_(std::move(items)) {}

    std::uint64_t u64() { return keep(rlp_u64(next())); }
    U256 u256() { return keep(rlp_u256(next())); }
    base::Bytes bytes() { return base::to_bytes(text(next())); }
    Hash hash() { return fixed<32>(next()); }
    Address address() { return {fixed<20>(next())}; }
    std::optional<Address> recipient() {
        const auto& item = next();
        if (!item.is_list && item.payload.empty()) return std::nullopt;
        return Address{fixed<20>(item)};
    }
    Fields list() { return Fields(keep(rlp_items(next()))); }
    bool more() const { return at_ < items_.size(); }
    const base::Status& status() const { return status_; }
    void refuse(const base::Status& other) {
        if (status_ && !other) status_ = other;
    }

  private:
    const RlpItem& next() {
        static const RlpItem kNothing{};
        if (more()) return items_[at_++];
        refuse(fail(Kind::invalid, "the transaction has too few fields"));
        return kNothing;
    }
    base::ByteView text(const RlpItem& item) {
        if (item.is_list) refuse(fail(Kind::invalid, "a list stands where the transaction has bytes"));
        return item.is_list ? base::ByteView() : item.payload;
    }
    template <std::size_t N>
    std::array<std::uint8_t, N> fixed(const RlpItem& item) {
        std::array<std::uint8_t, N> out{};
        const auto bytes = text(item);
        if (bytes.size() == N)
            std::copy(bytes.begin(), bytes.end(), out.begin());
        else
            refuse(fail(Kind::invalid, "a field of the transaction is not " + std::to_string(N) + " bytes"));
        return out;
    }
    template <class T>
    T keep(base::Result<T> result) {
        if (result) return std::move(*result);
        refuse(base::pass(result));
        return T{};
    }

    std::vector<RlpItem> items_;
    std::size_t at_ = 0;
    base::Status status_;
};

void take_common(Fields& fields, Transaction& t) {
    t.gas_limit = fields.u64();
    t.to = fields.recipient();
    t.value = fields.u256();
    t.data = fields.bytes();
}

void take_access_list(Fields& fields, Transaction& t) {
    auto entries = fields.list();
    while (entries.more() && entries.status()) {
        auto entry = entries.list();
        AccessListEntry out;
        out.address = entry.address();
        auto keys = entry.list();
        while (keys.more() && keys.status()) out.storage_keys.push_back(keys.hash());
        entry.refuse(keys.status());
        if (entry.more()) entry.refuse(fail(Kind::invalid, "an access list entry has too many fields"));
        entries.refuse(entry.status());
        t.access_list.push_back(std::move(out));
    }
    fields.refuse(entries.status());
}

void take_eip1559(Fields& fields, SignedTransaction& out) {
    auto& t = out.transaction;
    t.chain_id = fields.u64();
    t.nonce = fields.u64();
    t.max_priority_fee_per_gas = fields.u64();
    t.max_fee_per_gas = fields.u64();
    take_common(fields, t);
    take_access_list(fields, t);
    const auto parity = fields.u64();
    if (parity > 1) fields.refuse(fail(Kind::invalid, "the transaction's signature parity is neither 0 nor 1"));
    out.signature.y_parity = static_cast<std::uint8_t>(parity & 1);
}

void take_legacy(Fields& fields, SignedTransaction& out) {
    auto& t = out.transaction;
    t.type = Transaction::Type::legacy;
    t.nonce = fields.u64();
    t.max_fee_per_gas = fields.u64();
    take_common(fields, t);
    const auto v = fields.u64();
    if (v < 37) {
        fields.refuse(fail(Kind::invalid, "the transaction names no chain (EIP-155)"));
        return;
    }
    t.chain_id = (v - 35) / 2;
    out.signature.y_parity = static_cast<std::uint8_t>((v - 35) & 1);
}

}  // namespace

base::Result<SignedTransaction> decode_transaction(base::ByteView raw) {
    if (raw.size() > kMaxTransactionBytes)
        return fail(Kind::too_large, "the transaction is above " + std::to_string(kMaxTransactionBytes) + " bytes");
    if (raw.empty()) return fail(Kind::invalid, "an empty transaction");
    const bool typed = raw[0] < 0xc0;
    if (typed && raw[0] != 2) return fail(Kind::invalid, "a transaction that is neither EIP-1559 nor legacy");
    const auto list = rlp_decode(typed ? raw.subspan(1) : raw);
    if (!list) return base::pass(list);
    auto items = rlp_items(*list);
    if (!items) return base::pass(items);

    SignedTransaction out;
    Fields fields(std::move(*items));
    if (typed)
        take_eip1559(fields, out);
    else
        take_legacy(fields, out);
    out.signature.r = fields.u256().bytes;
    out.signature.s = fields.u256().bytes;
    if (fields.more()) fields.refuse(fail(Kind::invalid, "the transaction has too many fields"));
    if (!fields.status()) return base::pass(fields.status());
    if (const auto good = check_well_formed(out.transaction); !good) return base::pass(good);

    const auto sender = recover(signing_hash(out.transaction), out.signature);
    if (!sender) return base::pass(sender);
    out.sender = *sender;
    out.hash = keccak256(raw);
    out.raw = base::to_bytes(raw);
    return out;
}

}  // namespace ethereum
