#include "anchoring/ethereum/transaction.hpp"

#include "anchoring/ethereum/keccak.hpp"
#include "anchoring/ethereum/rlp.hpp"

namespace ethereum {
namespace {

using base::fail;
using base::Kind;

constexpr std::uint8_t kTypeEip1559 = 2;

base::Bytes encode_access_list(const std::vector<AccessListEntry>& entries) {
    RlpWriter list;
    for (const auto& entry : entries) {
        RlpWriter keys;
        for (const auto& key : entry.storage_keys) keys.bytes(key);
        list.encoded(RlpWriter().bytes(entry.address.bytes).encoded(keys.take_list()).take_list());
    }
    return list.take_list();
}

// The fields that both forms share, and that stand before the signature.
RlpWriter body(const Transaction& t) {
    RlpWriter out;
    if (t.type == Transaction::Type::eip1559) {
        out.number(t.chain_id).number(t.nonce).number(t.max_priority_fee_per_gas).number(t.max_fee_per_gas);
    } else {
        out.number(t.nonce).number(t.max_fee_per_gas);
    }
    out.number(t.gas_limit).bytes(t.to ? base::ByteView(t.to->bytes) : base::ByteView()).number(t.value).bytes(t.data);
    if (t.type == Transaction::Type::eip1559) out.encoded(encode_access_list(t.access_list));
    return out;
}

base::Bytes envelope(const Transaction& t, RlpWriter& fields) {
    auto list = fields.take_list();
    if (t.type == Transaction::Type::eip1559) list.insert(list.begin(), kTypeEip1559);
    return list;
}

}  // namespace

base::Status check_well_formed(const Transaction& t) {
    if (t.chain_id == 0) return fail(Kind::invalid, "the transaction names no chain");
    // EIP-155 puts 2 * chain_id + 36 into v: beyond this it would not fit 64 bits.
    if (t.chain_id > (UINT64_MAX - 36) / 2) return fail(Kind::invalid, "the transaction's chain id is too wide");
    if (t.gas_limit == 0) return fail(Kind::invalid, "the transaction's gas limit is zero");
    if (t.max_priority_fee_per_gas > t.max_fee_per_gas)
        return fail(Kind::invalid, "the transaction's priority fee is above its maximum fee");
    if (t.type == Transaction::Type::legacy && (!t.access_list.empty() || t.max_priority_fee_per_gas != 0)) {
        return fail(Kind::invalid, "a legacy transaction has neither access list nor priority fee");
    }
    if (t.data.size() > kMaxTransactionBytes)
        return fail(Kind::too_large, "the transaction is above " + std::to_string(kMaxTransactionBytes) + " bytes");
    return {};
}

Hash signing_hash(const Transaction& t) {
    auto fields = body(t);
    if (t.type == Transaction::Type::legacy) fields.number(t.chain_id).number(0).number(0);
    return keccak256(envelope(t, fields));
}

base::Result<SignedTransaction> sign(const Transaction& t, const Signer& signer) {
    if (const auto good = check_well_formed(t); !good) return base::pass(good);
    SignedTransaction out;
    out.transaction = t;
    out.signature = signer.sign(signing_hash(t));
    out.sender = signer.address();
    auto fields = body(t);
    const auto parity = out.signature.y_parity;
    fields.number(t.type == Transaction::Type::legacy ? 2 * t.chain_id + 35 + parity : parity);
    fields.number(U256(out.signature.r)).number(U256(out.signature.s));
    out.raw = envelope(t, fields);
    if (out.raw.size() > kMaxTransactionBytes)
        return fail(Kind::too_large, "the transaction is above " + std::to_string(kMaxTransactionBytes) + " bytes");
    out.hash = keccak256(out.raw);
    return out;
}

}  // namespace ethereum
