#include "anchoring/proof/anchor_record.hpp"
#include "anchoring/proof/lines.hpp"

#include "anchoring/proof/checkpoint.hpp"
#include "storage/base/encoding.hpp"
#include "storage/base/json.hpp"

#include <algorithm>

namespace proof {
namespace {

std::string hex(base::ByteView bytes) {
    return "0x" + base::to_hex(bytes);
}

template <std::size_t N>
bool take_hex(const json::Value& from, std::string_view key, std::array<std::uint8_t, N>& to) {
    const auto bytes = base::from_hex(from.text(key));
    if (!bytes || bytes->size() != N) return false;
    std::copy(bytes->begin(), bytes->end(), to.begin());
    return true;
}

bool take_number(const json::Value& from, std::string_view key, std::uint64_t& to) {
    const auto* member = from.find(key);
    const auto* number = member == nullptr ? nullptr : member->if_number();
    const auto value =
        number == nullptr ? base::Result<std::uint64_t>(base::fail(base::Kind::invalid, "absent")) : parse_decimal(number->text);
    if (value) to = *value;
    return value.has_value();
}

}  // namespace

void AnchorRecord::encode(base::Writer& out) const {
    out.u64(chain_id).raw(contract).raw(log_id).u64(size).raw(root).raw(tx_hash).u64(block_number).raw(block_hash).u8(final ? 1 : 0);
}

AnchorRecord AnchorRecord::decode(base::Reader& in) {
    AnchorRecord out;
    out.chain_id = in.u64();
    out.contract = in.array<20>();
    out.log_id = in.array<32>();
    out.size = in.u64();
    out.root = in.array<32>();
    out.tx_hash = in.array<32>();
    out.block_number = in.u64();
    out.block_hash = in.array<32>();
    out.final = in.u8() == 1;
    return out;
}

std::string AnchorRecord::json() const {
    json::Object out;
    out.set("chainId", json::Number{std::to_string(chain_id)});
    out.set("contract", hex(contract));
    out.set("logId", hex(log_id));
    out.set("size", json::Number{std::to_string(size)});
    out.set("root", hex(root));
    out.set("txHash", hex(tx_hash));
    out.set("blockNumber", json::Number{std::to_string(block_number)});
    out.set("blockHash", hex(block_hash));
    out.set("finality", final ? "final" : "mined");
    return json::write(out);
}

base::Result<AnchorRecord> AnchorRecord::parse(std::string_view text) {
    const auto value = json::parse(text);
    if (!value) return base::pass(value);
    AnchorRecord out;
    const auto bad = [](std::string_view member) {
        return base::fail(base::Kind::invalid, "this anchor record has no good '" + std::string(member) + "'");
    };
    if (!take_number(*value, "chainId", out.chain_id)) return bad("chainId");
    if (!take_hex(*value, "contract", out.contract)) return bad("contract");
    if (!take_hex(*value, "logId", out.log_id)) return bad("logId");
    if (!take_number(*value, "size", out.size)) return bad("size");
    if (!take_hex(*value, "root", out.root)) return bad("root");
    if (!take_hex(*value, "txHash", out.tx_hash)) return bad("txHash");
    if (!take_number(*value, "blockNumber", out.block_number)) return bad("blockNumber");
    if (value->find("blockHash") != nullptr && !take_hex(*value, "blockHash", out.block_hash)) return bad("blockHash");
    const auto finality = value->text("finality");
    if (finality != "mined" && finality != "final") return bad("finality");
    out.final = finality == "final";
    return out;
}

base::Result<std::vector<AnchorRecord>> AnchorRecord::parse_lines(std::string_view text) {
    std::vector<AnchorRecord> out;
    const auto read = each_line(text, [&](std::string_view line) -> base::Status {
        auto record = parse(line);
        if (!record) return base::pass(record);
        out.push_back(*record);
        return {};
    });
    if (!read) return base::pass(read);
    return out;
}

}  // namespace proof
