#include "anchoring/kedge_verify/ledger_lines.hpp"

#include "anchoring/proof/lines.hpp"
#include "anchoring/proof/checkpoint.hpp"
#include "storage/base/encoding.hpp"

#include <algorithm>

namespace kedge_verify {
namespace {

using base::Kind;

tl::unexpected<base::Error> no_good(std::string_view member) {
    return base::fail(Kind::invalid, "a consent record without a good '" + std::string(member) + "'");
}

template <std::size_t N>
bool take_hex(const json::Value& from, std::string_view key, std::array<std::uint8_t, N>& to, bool must) {
    if (!must && from.find(key) == nullptr) return true;
    const auto bytes = base::from_hex(from.text(key));
    if (!bytes || bytes->size() != N) return false;
    std::copy(bytes->begin(), bytes->end(), to.begin());
    return true;
}

bool take_number(const json::Value& from, std::string_view key, std::uint64_t& to, bool must) {
    const auto* member = from.find(key);
    if (member == nullptr) return !must;
    const auto* number = member->if_number();
    const auto value = number == nullptr ? base::Result<std::uint64_t>(base::fail(Kind::invalid, "")) : proof::parse_decimal(number->text);
    if (value) to = *value;
    return value.has_value();
}

base::Result<ConsentRecord> read_consent(const json::Value& line) {
    ConsentRecord out;
    const auto event = line.text("event");
    const bool granted = event == "granted", state = event == "state";
    if (!granted && !state && event != "revoked") return no_good("event");
    out.says = granted ? ConsentRecord::Says::granted : state ? ConsentRecord::Says::state : ConsentRecord::Says::revoked;
    out.state = line.text("state");
    if (state && out.state != "none" && out.state != "active" && out.state != "revoked") return no_good("state");
    const bool happened = !state || out.state != "none";
    if (!take_number(line, "chainId", out.chain_id, true)) return no_good("chainId");
    if (!take_hex(line, "contract", out.contract, true)) return no_good("contract");
    if (!take_hex(line, "subject", out.subject, true)) return no_good("subject");
    if (!take_hex(line, "consentId", out.consent_id, true)) return no_good("consentId");
    if (!take_hex(line, "termsHash", out.terms_hash, granted)) return no_good("termsHash");
    if (!take_number(line, "notBefore", out.not_before, granted)) return no_good("notBefore");
    if (!take_number(line, "notAfter", out.not_after, granted)) return no_good("notAfter");
    if (!take_number(line, "time", out.time_s, true)) return no_good("time");
    if (!take_number(line, "changed", out.changed_s, state && happened)) return no_good("changed");
    if (!take_number(line, "blockNumber", out.block_number, true)) return no_good("blockNumber");
    if (!take_hex(line, "blockHash", out.block_hash, false)) return no_good("blockHash");
    if (!take_hex(line, "txHash", out.tx_hash, !state)) return no_good("txHash");
    const auto finality = line.text("finality");
    if (finality != "mined" && finality != "final") return no_good("finality");
    out.final = finality == "final";
    return out;
}

base::Status read_line(std::string_view text, const Pins& pins, Evidence& out, std::vector<std::string>& doubts, bool& told) {
    const auto line = json::parse(text);
    if (!line) return base::pass(line);
    const auto kind = line->text("kind");
    if (kind == "receipt") {
        if (!pins.any())
            return base::fail(Kind::invalid,
                              "a saved receipt counts only with --audit-anchor or --consent-ledger: anybody can send such events");
        const auto saved = SavedReceipt::parse(*line);
        if (!saved) return base::pass(saved);
        if (const auto taken = take_receipt(*saved, pins, out); !taken) doubts.push_back("a saved receipt: " + taken.error().diagnostics);
        return {};
    }
    told = true;
    if (kind == "consent") {
        auto record = read_consent(*line);
        if (!record) return base::pass(record);
        if (!pins.consent_ledger || record->contract == pins.consent_ledger->bytes) out.consents.push_back(*record);
        return {};
    }
    if (line->find("kind") != nullptr) return base::fail(Kind::invalid, "a line of a kind that is not known here");
    auto record = proof::AnchorRecord::parse(text);
    if (!record) return base::pass(record);
    if (pins.audit_anchor && record->contract != pins.audit_anchor->bytes) return {};
    if (!pins.log_id || record->log_id == *pins.log_id) out.anchors.push_back({*record, {}});
    return {};
}

}  // namespace

base::Status read_ledger_lines(std::string_view text, const Pins& pins, Evidence& out, std::vector<std::string>& doubts) {
    bool told = false;
    const auto read = proof::each_line(text, [&](std::string_view line) { return read_line(line, pins, out, doubts, told); });
    if (!read) return base::fail(Kind::invalid, read.error().diagnostics);
    if (told) out.trusted.push_back("whoever gave you the records of the ledger that carry no receipt");
    return {};
}

}  // namespace kedge_verify
