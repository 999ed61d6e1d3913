#include "anchoring/kedge_verify/chain_encoding.hpp"

#include "anchoring/ethereum/rlp.hpp"
#include "anchoring/ethereum/rpc_values.hpp"

namespace kedge_verify {
namespace {

using base::Kind;
using ethereum::RlpWriter;

// Collects members of one object; the first that is missing or malformed stays as the error.
class Members {
  public:
    explicit Members(const json::Value& object) : object_(object) {}
    bool has(std::string_view key) const { return object_.find(key) != nullptr && !object_.find(key)->is_null(); }
    Members& data(std::string_view key) {
        if (const auto bytes = take(ethereum::data_of(object_, key))) out_.bytes(*bytes);
        return *this;
    }
    Members& number(std::string_view key) {
        if (const auto value = take(ethereum::parse_quantity_u256(object_.text(key)))) out_.number(*value);
        return *this;
    }
    // The recipient: nothing when a contract is created.
    Members& data_or_nothing(std::string_view key) {
        if (has(key)) return data(key);
        out_.bytes({});
        return *this;
    }
    template <typename One>
    Members& list(std::string_view key, One one) {
        const auto* member = object_.find(key);
        const auto* array = member == nullptr ? nullptr : member->if_array();
        if (array == nullptr) return fail("no list '" + std::string(key) + "'");
        RlpWriter inner;
        for (const auto& item : *array) {
            if (const auto bytes = take(one(item))) inner.encoded(*bytes);
        }
        out_.encoded(inner.take_list());
        return *this;
    }
    base::Result<base::Bytes> take_list() {
        if (failed_) return tl::unexpected(*failed_);
        return out_.take_list();
    }

  private:
    template <typename T>
    std::optional<T> take(base::Result<T> value) {
        if (value) return std::move(*value);
        if (!failed_) failed_ = value.error();
        return std::nullopt;
    }
    Members& fail(std::string why) {
        if (!failed_) failed_ = base::Error{Kind::corrupt, std::move(why), {}, {}};
        return *this;
    }

    const json::Value& object_;
    RlpWriter out_;
    std::optional<base::Error> failed_;
};

base::Result<base::Bytes> text_data(const json::Value& value) {
    const auto bytes = ethereum::as_data(value, "a list's item");
    if (!bytes) return base::pass(bytes);
    return RlpWriter().bytes(*bytes).take();
}

base::Result<base::Bytes> access(const json::Value& item) {
    return Members(item).data("address").list("storageKeys", text_data).take_list();
}
base::Result<base::Bytes> authorization(const json::Value& item) {
    return Members(item).number("chainId").data("address").number("nonce").number("yParity").number("r").number("s").take_list();
}
base::Result<base::Bytes> log(const json::Value& item) {
    return Members(item).data("address").list("topics", text_data).data("data").take_list();
}

base::Result<base::Bytes> typed(std::uint64_t type, base::Result<base::Bytes> list) {
    if (list && type != 0) list->insert(list->begin(), static_cast<std::uint8_t>(type));
    return list;
}

std::uint64_t type_of(const json::Value& object) {
    return object.find("type") == nullptr ? 0 : ethereum::quantity_of(object, "type").value_or(UINT64_MAX);
}

}  // namespace

base::Result<base::Bytes> header_rlp(const json::Value& block) {
    Members out(block);
    for (const auto* key : {"parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot", "logsBloom"})
        out.data(key);
    for (const auto* key : {"difficulty", "number", "gasLimit", "gasUsed", "timestamp"}) out.number(key);
    out.data("extraData").data("mixHash").data("nonce");
    // What later forks appended, in their order.
    if (out.has("baseFeePerGas")) out.number("baseFeePerGas");
    if (out.has("withdrawalsRoot")) out.data("withdrawalsRoot");
    if (out.has("blobGasUsed")) out.number("blobGasUsed");
    if (out.has("excessBlobGas")) out.number("excessBlobGas");
    for (const auto* key : {"parentBeaconBlockRoot", "requestsHash"}) {
        if (out.has(key)) out.data(key);
    }
    return out.take_list();
}

base::Result<base::Bytes> transaction_bytes(const json::Value& transaction) {
    const auto type = type_of(transaction);
    Members out(transaction);
    if (type == 0) {
        out.number("nonce")
            .number("gasPrice")
            .number("gas")
            .data_or_nothing("to")
            .number("value")
            .data("input")
            .number("v")
            .number("r")
            .number("s");
        return out.take_list();
    }
    if (type > 4) return base::fail(Kind::not_supported, "a transaction of a type that is not known here");
    out.number("chainId").number("nonce");
    if (type == 1) {
        out.number("gasPrice");
    } else {
        out.number("maxPriorityFeePerGas").number("maxFeePerGas");
    }
    out.number("gas").data_or_nothing("to").number("value").data("input").list("accessList", access);
    if (type == 3) out.number("maxFeePerBlobGas").list("blobVersionedHashes", text_data);
    if (type == 4) out.list("authorizationList", authorization);
    out.number(out.has("yParity") ? "yParity" : "v").number("r").number("s");
    return typed(type, out.take_list());
}

base::Result<base::Bytes> receipt_bytes(const json::Value& receipt) {
    Members out(receipt);
    out.number("status").number("cumulativeGasUsed").data("logsBloom").list("logs", log);
    return typed(type_of(receipt), out.take_list());
}

}  // namespace kedge_verify
