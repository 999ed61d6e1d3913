// The Ethereum client against the npm package `ethers`, on random inputs (ethers_vectors.mjs): another people's code says the same bytes,
// and what it made is read back. KEDGE_DIFFERENTIAL_VECTORS: how many of each kind (default 300); KEDGE_DIFFERENTIAL_SEED: which.
#include "anchoring/ethereum/eip712.hpp"
#include "anchoring/ethereum/keccak.hpp"
#include "anchoring/ethereum/rlp.hpp"
#include "anchoring/ethereum/transaction.hpp"
#include "anchoring/ledger/audit_anchor.hpp"
#include "anchoring/ledger/consent_events.hpp"
#include "anchoring/ledger/consent_ledger.hpp"
#include "storage/base/encoding.hpp"
#include "storage/base/json.hpp"
#include "tests/support/files.hpp"

#include <filesystem>
#include <fstream>
#include <map>
#include <random>

#include <gtest/gtest.h>

namespace {

using ethereum::Address;
using ethereum::Hash;
using json::Value;

base::Bytes bytes_of(const Value& v) {
    return base::from_hex(std::string_view(*v.if_string()).substr(2)).value();
}
Hash hash_of(const Value& v) {
    return ethereum::parse_hash(*v.if_string()).value();
}
Address address_of(const Value& v) {
    return ethereum::parse_address(*v.if_string()).value();
}
// Decimal digits, of a JSON number or in a string.
ethereum::U256 wide_of(const Value& v) {
    ethereum::U256 out;
    for (const char digit : v.if_string() ? *v.if_string() : v.if_number()->text) {
        unsigned carry = static_cast<unsigned>(digit - '0');
        for (int i = 31; i >= 0; --i) {
            carry += out.bytes[i] * 10u;
            out.bytes[i] = static_cast<std::uint8_t>(carry);
            carry >>= 8;
        }
    }
    return out;
}
std::uint64_t number_of(const Value& v) {
    return wide_of(v).to_u64().value();
}
template <class One>
auto list_of(const Value& v, One one) {
    std::vector<decltype(one(v))> out;
    for (const auto& item : *v.if_array()) out.push_back(one(item));
    return out;
}
ledger::Grant grant_of(const Value& v) {
    return {address_of(*v.find("subject")),  hash_of(*v.find("consentId")),  hash_of(*v.find("termsHash")),
            number_of(*v.find("notBefore")), number_of(*v.find("notAfter")), number_of(*v.find("deadline"))};
}
ledger::Revocation revocation_of(const Value& v) {
    return {address_of(*v.find("subject")), hash_of(*v.find("consentId"))};
}

ethereum::Signature signature_of(const Value& line, const char* s) {
    return {hash_of(*line.find("r")), hash_of(*line.find(s)), static_cast<std::uint8_t>(number_of(*line.find("parity")))};
}

void keccak(const Value& line) {
    EXPECT_EQ(ethereum::keccak256(bytes_of(*line.find("data"))), hash_of(*line.find("out")));
}

base::Bytes encoded(const Value& item) {
    ethereum::RlpWriter out;
    if (item.if_string()) return out.bytes(bytes_of(item)).take();
    for (const auto& inner : *item.if_array()) out.encoded(encoded(inner));
    return out.take_list();
}
void expect_item(const Value& item, const ethereum::RlpItem& decoded) {
    ASSERT_EQ(decoded.is_list, item.is_array());
    if (!decoded.is_list) {
        EXPECT_EQ(base::Bytes(decoded.payload.begin(), decoded.payload.end()), bytes_of(item));
        return;
    }
    const auto items = ethereum::rlp_items(decoded);
    ASSERT_TRUE(items);
    ASSERT_EQ(items->size(), item.if_array()->size());
    for (std::size_t i = 0; i < items->size(); ++i) expect_item((*item.if_array())[i], (*items)[i]);
}
void rlp(const Value& line) {
    const auto out = bytes_of(*line.find("out"));
    EXPECT_EQ(encoded(*line.find("item")), out);
    const auto decoded = ethereum::rlp_decode(out);
    ASSERT_TRUE(decoded);
    expect_item(*line.find("item"), *decoded);
}

ledger::ConsentCall consent_call(std::string_view name, const json::Array& v) {
    if (name == "request") return ledger::RequestCall{hash_of(v[0]), hash_of(v[1]), number_of(v[2])};
    if (name == "grant") return ledger::GrantCall{{grant_of(v[0]), bytes_of(v[1])}};
    if (name == "grantBatch") return ledger::GrantBatchCall{list_of(v[0], grant_of), list_of(v[1], bytes_of)};
    if (name == "revoke") return ledger::RevokeCall{{{address_of(v[0]), hash_of(v[1])}, bytes_of(v[2])}};
    return ledger::ApplyBatchCall{list_of(v[0], revocation_of), list_of(v[1], grant_of), list_of(v[2], bytes_of)};
}
void call(const Value& line) {
    const auto expected = consent_call(line.text("name"), *line.find("values")->if_array());
    const auto out = bytes_of(*line.find("out"));
    EXPECT_EQ(ledger::encode_call(expected), out);
    const auto decoded = ledger::decode_consent_call(out);
    ASSERT_TRUE(decoded) << decoded.error().diagnostics;
    EXPECT_EQ(*decoded, expected);
}

void anchor_call(const Value& line) {
    const auto& v = *line.find("values")->if_array();
    const auto name = line.text("name");
    const auto expected =
        name == "open" ? ledger::AnchorCalls(ledger::OpenCall{hash_of(v[0])})
        : name == "rotateOwner"
            ? ledger::AnchorCalls(ledger::RotateOwnerCall{hash_of(v[0]), address_of(v[1])})
            : ledger::AnchorCalls(ledger::AnchorCall{hash_of(v[0]), number_of(v[1]), hash_of(v[2]), list_of(v[3], hash_of)});
    const auto out = bytes_of(*line.find("out"));
    EXPECT_EQ(ledger::encode_call(expected), out);
    const auto decoded = ledger::decode_anchor_call(out);
    ASSERT_TRUE(decoded) << decoded.error().diagnostics;
    EXPECT_EQ(*decoded, expected);
}

void view(const Value& line) {
    const auto& v = *line.find("values")->if_array();
    const auto name = line.text("name");
    const auto made = name == "status" ? ledger::status_call(address_of(v[0]), hash_of(v[1]))
                      : name == "head" ? ledger::head_call(hash_of(v[0]))
                                       : ledger::included_call(hash_of(v[0]), number_of(v[1]), hash_of(v[2]), list_of(v[3], hash_of));
    EXPECT_EQ(made, bytes_of(*line.find("out")));
}

ledger::ConsentEvent consent_event(std::string_view name, const json::Array& v) {
    if (name == "Requested") return ledger::Requested{address_of(v[0]), hash_of(v[1]), hash_of(v[2]), number_of(v[3])};
    if (name == "Granted") return ledger::Granted{address_of(v[0]), hash_of(v[1]), hash_of(v[2]), number_of(v[3]), number_of(v[4])};
    if (name == "Revoked") return ledger::Revoked{address_of(v[0]), hash_of(v[1])};
    return ledger::Skipped{address_of(v[0]), hash_of(v[1]), static_cast<ledger::SkipReason>(number_of(v[2]))};
}
void event(const Value& line) {
    const auto expected = consent_event(line.text("name"), *line.find("values")->if_array());
    ledger::Event out;
    out.topics = list_of(*line.find("out")->find("topics"), hash_of);
    out.data = bytes_of(*line.find("out")->find("data"));
    EXPECT_EQ(ledger::to_event({}, expected), out);
    const auto read = ledger::consent_event(out);
    ASSERT_TRUE(read && *read);
    EXPECT_EQ(**read, expected);
}

void typed(const Value& line) {
    const auto& d = *line.find("domain");
    const auto contract = address_of(*d.find("verifyingContract"));
    const auto separator = ethereum::domain_separator(ledger::consent_domain(number_of(*d.find("chainId")), contract));
    const auto& value = *line.find("value");
    const auto digest = line.text("name") == "Grant" ? ledger::grant_digest(separator, grant_of(value))
                                                     : ledger::revoke_digest(separator, revocation_of(value));
    EXPECT_EQ(digest, hash_of(*line.find("digest")));
    const auto signer = ethereum::Signer::from_secret(bytes_of(*line.find("secret")));
    ASSERT_TRUE(signer);
    EXPECT_EQ(signer->address(), address_of(*line.find("address")));
    const auto signature = bytes_of(*line.find("signature"));
    EXPECT_EQ(ethereum::to_bytes(signer->sign(digest)), signature) << "both are deterministic (RFC 6979)";
    EXPECT_TRUE(ethereum::verify(digest, signature, signer->address()));
}

void transaction(const Value& line) {
    ethereum::Transaction t;
    const bool legacy = number_of(*line.find("type")) == 0;
    t.type = legacy ? ethereum::Transaction::Type::legacy : ethereum::Transaction::Type::eip1559;
    t.chain_id = number_of(*line.find("chainId"));
    t.nonce = number_of(*line.find("nonce"));
    t.gas_limit = number_of(*line.find("gasLimit"));
    t.max_fee_per_gas = number_of(*line.find(legacy ? "gasPrice" : "maxFeePerGas"));
    if (!legacy) t.max_priority_fee_per_gas = number_of(*line.find("maxPriorityFeePerGas"));
    if (!line.find("to")->is_null()) t.to = address_of(*line.find("to"));
    t.value = wide_of(*line.find("value"));
    t.data = bytes_of(*line.find("data"));
    if (const auto* list = line.find("accessList")) {
        t.access_list = list_of(*list, [](const Value& v) {
            return ethereum::AccessListEntry{address_of(*v.find("address")), list_of(*v.find("storageKeys"), hash_of)};
        });
    }
    EXPECT_EQ(ethereum::signing_hash(t), hash_of(*line.find("unsigned")));
    const auto signer = ethereum::Signer::from_secret(bytes_of(*line.find("secret")));
    const auto made = ethereum::sign(t, *signer);
    ASSERT_TRUE(made) << made.error().diagnostics;
    EXPECT_EQ(made->raw, bytes_of(*line.find("raw")));
    EXPECT_EQ(made->hash, hash_of(*line.find("hash")));
    const auto read = ethereum::decode_transaction(bytes_of(*line.find("raw")));
    ASSERT_TRUE(read) << read.error().diagnostics;
    EXPECT_EQ(read->transaction, t);
    EXPECT_EQ(read->sender, address_of(*line.find("from")));
}

void recover(const Value& line) {
    const auto digest = hash_of(*line.find("digest"));
    const auto signature = signature_of(line, "s");
    EXPECT_EQ(ethereum::recover(digest, signature).value(), address_of(*line.find("address")));
    EXPECT_EQ(ethereum::to_bytes(signature), bytes_of(*line.find("signature")));
    auto high = signature_of(line, "high");
    for (high.y_parity = 0; high.y_parity < 2; ++high.y_parity) EXPECT_FALSE(ethereum::recover(digest, high)) << "high s";
    EXPECT_FALSE(ethereum::parse_signature(ethereum::to_bytes(signature_of(line, "high"))));
}

void address(const Value& line) {
    const auto there = ethereum::parse_address(line.text("lower")).value();
    EXPECT_EQ(ethereum::to_text(there), line.text("address"));
    EXPECT_EQ(ethereum::parse_address(line.text("address")).value(), there);
    EXPECT_EQ(ethereum::contract_address(there, number_of(*line.find("nonce"))), address_of(*line.find("created")));
    std::string wrong(line.text("address"));
    const auto letter = wrong.find_first_of("abcdefABCDEF", 2);
    if (letter == std::string::npos) return;
    wrong[letter] = static_cast<char>(wrong[letter] ^ 0x20);
    const bool one_case = wrong.find_first_of("abcdef") == std::string::npos || wrong.find_first_of("ABCDEF") == std::string::npos;
    EXPECT_EQ(ethereum::parse_address(wrong).has_value(), one_case) << wrong << ": no checksum, or one that does not fit";
}

TEST(Ethers, SaysTheSameOnRandomInputs) {
    const std::string root = KEDGE_SOURCE_DIR;
    if (!std::filesystem::exists(root + "/deploy/npm-contracts/node_modules/ethers/package.json")) {
        GTEST_SKIP() << "no ethers here: (cd deploy/npm-contracts && npm ci --ignore-scripts)";
    }
    const char* more = std::getenv("KEDGE_DIFFERENTIAL_VECTORS");
    const char* given = std::getenv("KEDGE_DIFFERENTIAL_SEED");
    const std::size_t count = more ? std::strtoull(more, nullptr, 10) : 300;
    const std::string seed = given ? given : std::to_string(std::random_device{}());
    std::printf("seed %s\n", seed.c_str());
    ASSERT_EQ(seed.find_first_not_of("0123456789"), std::string::npos) << "KEDGE_DIFFERENTIAL_SEED is a number";
    support::TempDir dir;
    const auto path = dir.string() + "/vectors";
    const auto make =
        "node '" + root + "/tests/anchoring/ethereum/ethers_vectors.mjs' " + seed + " " + std::to_string(count) + " >'" + path + "'";
    ASSERT_EQ(std::system(make.c_str()), 0);
    const std::map<std::string_view, void (*)(const Value&)> checks{
        {"keccak", keccak},   {"rlp", rlp},        {"call", call},   {"anchor_call", anchor_call},
        {"view", view},       {"event", event},    {"typed", typed}, {"transaction", transaction},
        {"recover", recover}, {"address", address}};
    std::map<std::string, std::size_t> done;
    std::ifstream in(path);
    for (std::string text; std::getline(in, text);) {
        const auto line = json::parse(text).value();
        const auto check = checks.find(line.text("kind"));
        ASSERT_NE(check, checks.end()) << text.substr(0, 100);
        check->second(line);
        ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed << ": " << text.substr(0, 2000);
        ++done[std::string(line.text("kind"))];
    }
    ASSERT_EQ(done.size(), checks.size());
    for (const auto& [kind, checked] : done) EXPECT_EQ(checked, count) << kind;
}

}  // namespace
