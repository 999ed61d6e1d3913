#include "anchoring/ethereum/transaction.hpp"

#include "anchoring/ethereum/rlp.hpp"
#include "tests/anchoring/ethereum/hex.hpp"

#include <functional>
#include <random>

#include <gtest/gtest.h>

namespace {

using ethereum::decode_transaction;
using ethereum::Signer;
using ethereum::Transaction;
using ethereum::U256;

const auto kTo = "0x3535353535353535353535353535353535353535"_address;
const auto kSender = "0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F"_address;

Signer signer() {
    return Signer::from_secret(base::Bytes(32, 0x46)).value();
}

Transaction call() {
    Transaction t;
    t.chain_id = 1262830405;
    t.nonce = 7;
    t.max_priority_fee_per_gas = 1'000'000'000;
    t.max_fee_per_gas = 30'000'000'000;
    t.gas_limit = 120'000;
    t.to = kTo;
    t.data = "deadbeef00"_hex;
    return t;
}

Transaction with_access_list() {
    auto t = call();
    t.nonce = 0;
    t.value = U256(12345678901234567890u);
    ethereum::Hash ones, twos;
    ones.fill(1);
    twos.fill(2);
    t.access_list = {{kTo, {ones, twos}}, {"0x3636363636363636363636363636363636363636"_address, {}}};
    return t;
}

Transaction legacy() {
    Transaction t;
    t.type = Transaction::Type::legacy;
    t.chain_id = 1;
    t.nonce = 9;
    t.max_fee_per_gas = 20'000'000'000;
    t.gas_limit = 21'000;
    t.to = kTo;
    t.value = U256(1'000'000'000'000'000'000u);
    return t;
}

void expect_there_and_back(const Transaction& t, const char* unsigned_hash, const char* raw_hex) {
    EXPECT_EQ(ethereum::to_text(signing_hash(t)), std::string("0x") + unsigned_hash);
    const auto made = sign(t, signer());
    ASSERT_TRUE(made) << made.error().diagnostics;
    EXPECT_EQ(base::to_hex(made->raw), raw_hex);
    const auto read = decode_transaction(made->raw);
    ASSERT_TRUE(read) << read.error().diagnostics;
    EXPECT_EQ(read->transaction, t);
    EXPECT_EQ(read->sender, kSender);
    EXPECT_EQ(read->hash, made->hash);
    EXPECT_EQ(read->raw, made->raw);
    EXPECT_EQ(read->signature, made->signature);
}

// The example of EIP-155 itself.
TEST(Transaction, Eip155Example) {
    expect_there_and_back(legacy(), "daf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53",
                          "f86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a76400008025a028ef61340bd939bc2195fe"
                          "537567866003e1a15d3c"
                          "71ff63e1590620aa636276a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83");
}

// The next three were made with ethers 6.17.
TEST(Transaction, Eip1559Call) {
    expect_there_and_back(call(), "a47ce8504db1030027f80dfe78d49e2168987a0c7e4ea0011f96a749420ccfec",
                          "02f875844b45434507843b9aca008506fc23ac008301d4c09435353535353535353535353535353535353535358085deadbeef00c001a0eb"
                          "f296f9e75770635a6d3e"
                          "f06beabf287d141760eb256d4a9579f35758ab5fa9a022e1ff072cc054b96b36678eed7f3ce2a3ba3ebc9842dd3d4d6d9ed3fa185947");
    EXPECT_EQ(ethereum::to_text(sign(call(), signer())->hash), "0x6c4a1d505177df1fdb15995545b14eab517f0f941dea9e7f1b2d57327297e1e5");
}

TEST(Transaction, Eip1559WithAccessList) {
    expect_there_and_back(with_access_list(), "cc632292f95941165497c666143226bcd32200b3f004cd32697b2e20b48d329b",
                          "02f8f0844b45434580843b9aca008506fc23ac008301d4c094353535353535353535353535353535353535353588ab54a98ceb1f0ad285de"
                          "adbeef00f872f85994353535353535353535353535"
                          "3535353535353535f842a00101010101010101010101010101010101010101010101010101010101010101a0020202020202020202020202"
                          "0202020202020202020202020202020202020202"
                          "d6943636363636363636363636363636363636363636c080a0297ebdf373081dee11b196984310de6d44783da511a5d578927feed4ed73b7"
                          "86a05e609bbd017ba0b2a370751d0c721d1ba48a"
                          "0afc8d4ac900849d3886f67de85f");
}

TEST(Transaction, Eip1559ContractCreation) {
    auto t = call();
    t.to.reset();
    t.data = "6000"_hex;
    expect_there_and_back(t, "b870e9788be292ad2671a18c8ae9b7d9a0f1853e00bc4cfbca25b1d2c9c7d661",
                          "02f85e844b45434507843b9aca008506fc23ac008301d4c08080826000c080a0a438495898949e5bed455197c5eb6614bc18e43fb093f7e5"
                          "cffe71c54bb75a69a049"
                          "282889dfe5b8ec6a320314ca623f4c7e6325279f2d1b627255b2cfe7f88992");
}

TEST(Transaction, EveryFieldIsSigned) {
    const std::vector<std::function<void(Transaction&)>> changes{[](auto& t) { t.chain_id += 1; },
                                                                 [](auto& t) { t.nonce += 1; },
                                                                 [](auto& t) { t.max_priority_fee_per_gas += 1; },
                                                                 [](auto& t) { t.max_fee_per_gas += 1; },
                                                                 [](auto& t) { t.gas_limit += 1; },
                                                                 [](auto& t) { t.to.reset(); },
                                                                 [](auto& t) { t.to->bytes[0] ^= 1; },
                                                                 [](auto& t) { t.value = U256(1); },
                                                                 [](auto& t) { t.data.push_back(0); },
                                                                 [](auto& t) { t.access_list.clear(); },
                                                                 [](auto& t) { t.access_list[0].storage_keys[1][31] ^= 1; }};
    const auto original = signing_hash(with_access_list());
    for (std::size_t i = 0; i < changes.size(); ++i) {
        auto t = with_access_list();
        changes[i](t);
        EXPECT_NE(signing_hash(t), original) << i;
    }
}

TEST(Transaction, IllFormedIsRefused) {
    const std::vector<std::function<void(Transaction&)>> changes{
        [](auto& t) { t.chain_id = 0; }, [](auto& t) { t.chain_id = UINT64_MAX; }, [](auto& t) { t.gas_limit = 0; },
        [](auto& t) { t.max_priority_fee_per_gas = t.max_fee_per_gas + 1; }, [](auto& t) { t.type = Transaction::Type::legacy; }};
    for (std::size_t i = 0; i < changes.size(); ++i) {
        auto t = with_access_list();
        changes[i](t);
        const auto made = sign(t, signer());
        ASSERT_FALSE(made) << i;
        EXPECT_EQ(made.error().kind, base::Kind::invalid);
    }
    auto large = call();
    large.data.resize(ethereum::kMaxTransactionBytes);
    const auto made = sign(large, signer());
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().kind, base::Kind::too_large);
    const auto read = decode_transaction(base::Bytes(ethereum::kMaxTransactionBytes + 1, 2));
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().kind, base::Kind::too_large);
}

TEST(Transaction, ZeroGasIsRefusedWhenRead) {
    // Built by hand: sign() would not make it.
    auto fields = ethereum::RlpWriter();
    fields.number(5).number(0).number(0).number(1).number(0).bytes(kTo.bytes).number(0).bytes({}).encoded("c0"_hex);
    fields.number(0).number(1).number(1);
    auto raw = fields.take_list();
    raw.insert(raw.begin(), 2);
    const auto read = decode_transaction(raw);
    ASSERT_FALSE(read);
    EXPECT_NE(read.error().diagnostics.find("gas limit"), std::string::npos) << read.error().diagnostics;
}

TEST(Transaction, LegacyWithoutChainIdIsRefused) {
    // v 27: the form before EIP-155.
    const auto raw = ethereum::RlpWriter()
                         .number(9)
                         .number(1)
                         .number(21000)
                         .bytes(kTo.bytes)
                         .number(1)
                         .bytes({})
                         .number(27)
                         .number(1)
                         .number(1)
                         .take_list();
    const auto read = decode_transaction(raw);
    ASSERT_FALSE(read);
    EXPECT_NE(read.error().diagnostics.find("EIP-155"), std::string::npos) << read.error().diagnostics;
}

TEST(Transaction, OtherTypesAreRefused) {
    for (const auto* hex : {"", "01c0", "03c0", "04c0", "00", "80", "c0", "02", "02c0", "0280", "02c180"})
        EXPECT_FALSE(decode_transaction(base::from_hex(hex).value())) << hex;
}

// No flipped bit gives the same sender, and no cut or longer text decodes.
TEST(Transaction, TamperedBytesNeverKeepTheSender) {
    for (const auto& t : {call(), with_access_list(), legacy()}) {
        const auto raw = sign(t, signer())->raw;
        for (std::size_t bit = 0; bit < raw.size() * 8; ++bit) {
            auto flipped = raw;
            flipped[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
            const auto read = decode_transaction(flipped);
            EXPECT_TRUE(!read || read->sender != kSender) << bit;
        }
        for (std::size_t n = 0; n < raw.size(); ++n) EXPECT_FALSE(decode_transaction(base::ByteView(raw).first(n))) << n;
        auto longer = raw;
        longer.push_back(0);
        EXPECT_FALSE(decode_transaction(longer));
    }
}

TEST(Transaction, RandomBytesNeverCrash) {
    std::mt19937_64 random(11);
    const auto raw = sign(with_access_list(), signer())->raw;
    unsigned decoded = 0;
    for (int i = 0; i < 20'000; ++i) {
        auto bytes = raw;
        const auto changes = 1 + random() % 4;
        for (std::uint64_t c = 0; c < changes; ++c) bytes[random() % bytes.size()] = static_cast<std::uint8_t>(random());
        bytes.resize(random() % 3 == 0 ? random() % bytes.size() : bytes.size());
        const auto read = decode_transaction(bytes);
        if (!read) continue;
        ++decoded;
        EXPECT_EQ(read->raw, bytes);
    }
    EXPECT_GT(decoded, 0u);  // mutations inside the data still decode, to another sender
}

}  // namespace
