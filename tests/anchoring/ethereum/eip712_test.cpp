#include "anchoring/ethereum/eip712.hpp"

#include "anchoring/ethereum/keccak.hpp"
#include "anchoring/ethereum/signer.hpp"
#include "tests/anchoring/ethereum/hex.hpp"

#include <gtest/gtest.h>

namespace {

using ethereum::Domain;
using ethereum::StructHash;

const Domain kMailDomain{"Ether Mail", "1", 1, "0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC"_address};

ethereum::Hash person(std::string_view name, const ethereum::Address& wallet) {
    return StructHash("Person(string name,address wallet)").text(name).address(wallet).hash();
}

ethereum::Hash mail() {
    return StructHash("Mail(Person from,Person to,string contents)Person(string name,address wallet)")
        .bytes32(person("Cow", "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"_address))
        .bytes32(person("Bob", "0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB"_address))
        .text("Hello, Bob!")
        .hash();
}

// The EIP's own example (assets/eip-712/Example.js).
TEST(Eip712, MailExample) {
    EXPECT_EQ(domain_separator(kMailDomain), "0xf2cee375fa42b42143804025fc449deafd50cc031ca257e0b194a650a912090f"_hash);
    EXPECT_EQ(mail(), "0xc52c0ee5d84264471806290a3f2c4cecfc5490626bf912d01f240d7a274b371e"_hash);
    const auto digest = ethereum::typed_data_digest(domain_separator(kMailDomain), mail());
    EXPECT_EQ(digest, "0xbe609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2"_hash);

    const auto cow = ethereum::Signer::from_secret(ethereum::keccak256("cow"));
    ASSERT_TRUE(cow);
    EXPECT_EQ(cow->address(), "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"_address);
    EXPECT_EQ(base::to_hex(ethereum::to_bytes(cow->sign(digest))),
              "4355c47d63924e8a72e509b65029052eb6c299d53a04e167c5775fd466751c9d07299936d304c153f6443dfa05f40ff007d72911b6f72307f996231605b9"
              "15621c");
}

TEST(Eip712, EveryDomainFieldCounts) {
    const auto separator = domain_separator(kMailDomain);
    auto other = kMailDomain;
    other.name += "x";
    EXPECT_NE(domain_separator(other), separator);
    other = kMailDomain;
    other.version = "2";
    EXPECT_NE(domain_separator(other), separator);
    other = kMailDomain;
    other.chain_id = 2;
    EXPECT_NE(domain_separator(other), separator);
    other = kMailDomain;
    other.verifying_contract.bytes[19] ^= 1;
    EXPECT_NE(domain_separator(other), separator);
}

}  // namespace
