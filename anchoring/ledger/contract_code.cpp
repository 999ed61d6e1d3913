#include "anchoring/ethereum/abi.hpp"
#include "anchoring/ethereum/keccak.hpp"
#include "anchoring/ethereum/rpc_values.hpp"
#include "anchoring/ledger/consent_ledger.hpp"
#include "anchoring/ledger/deploy.hpp"

#include <algorithm>

// kConsentLedgerHex and kAuditAnchorHex, which CMake takes out of anchoring/contract/*.json.
#include "contract_bytecode.inc"

namespace ledger {
namespace {

// The creating code ends with the code that it leaves at the address; so long is that. A test deploys both and compares.
constexpr std::size_t kConsentLedgerBytes = 4048, kAuditAnchorBytes = 1822;
constexpr std::uint8_t kPush32 = 0x7f;

base::Bytes from_hex(std::string_view hex) {
    auto bytes = ethereum::parse_data(hex);
    CHECK(bytes);
    return std::move(*bytes);
}

// OpenZeppelin's ShortString: the text from the left, its length in the last byte.
Hash short_string(std::string_view text) {
    Hash word{};
    std::copy(text.begin(), text.end(), word.begin());
    word[31] = static_cast<std::uint8_t>(text.size());
    return word;
}

// `code` is `created`'s tail, but for PUSH32 words that are zero there and one of `words` here.
bool matches(base::ByteView code, base::ByteView created, std::size_t size, const std::vector<Hash>& words) {
    if (code.size() != size || created.size() < size) return false;
    const auto expected = created.last(size);
    for (std::size_t at = 0; at < size; ++at) {
        if (code[at] != expected[at]) return false;
        if (code[at] != kPush32 || size - at <= 32) continue;
        const auto hole = expected.subspan(at + 1, 32);
        if (std::any_of(hole.begin(), hole.end(), [](std::uint8_t b) { return b != 0; })) continue;
        const auto filled = code.subspan(at + 1, 32);
        if (std::none_of(words.begin(), words.end(),
                         [&](const Hash& word) { return std::equal(word.begin(), word.end(), filled.begin()); })) {
            return false;
        }
        at += 32;
    }
    return true;
}

}  // namespace

base::ByteView consent_ledger_bytecode() {
    static const base::Bytes bytes = from_hex(kConsentLedgerHex);
    return bytes;
}

base::ByteView audit_anchor_bytecode() {
    static const base::Bytes bytes = from_hex(kAuditAnchorHex);
    return bytes;
}

bool is_consent_ledger(base::ByteView code, std::uint64_t chain_id, const Address& address) {
    const auto domain = consent_domain(chain_id, address);
    const std::vector<Hash> words{ethereum::domain_separator(domain),
                                  ethereum::abi_topic(ethereum::AbiValue::of(chain_id)),
                                  ethereum::abi_topic(ethereum::AbiValue::of(address)),
                                  ethereum::keccak256(domain.name),
                                  ethereum::keccak256(domain.version),
                                  short_string(domain.name),
                                  short_string(domain.version)};
    return matches(code, consent_ledger_bytecode(), kConsentLedgerBytes, words);
}

bool is_audit_anchor(base::ByteView code) {
    return matches(code, audit_anchor_bytecode(), kAuditAnchorBytes, {});
}

}  // namespace ledger
