#include "anchoring/ethereum/abi.hpp"
#include "anchoring/ledger/consent_events.hpp"
#include "storage/base/encoding.hpp"
#include "tests/anchoring/ethereum/hex.hpp"
#include "tests/anchoring/ledger/ethers_vectors.hpp"
#include "tests/anchoring/ledger/fixture.hpp"

#include <random>

namespace ledger {
namespace {

Hash filled(std::uint8_t byte) {
    Hash out;
    out.fill(byte);
    return out;
}
Grant ethers_grant(std::uint8_t id) {
    return {"0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F"_address, filled(id), filled(0x22), 1'700'000'000, 1'800'000'000, 1'750'000'000};
}
const base::Bytes kSignature(65, 0xaa), kSecondSignature(65, 0xbb);

void expect_call(const ConsentCall& call, const char* hex) {
    EXPECT_EQ(base::to_hex(encode_call(call)), hex);
    EXPECT_EQ(decode_consent_call(base::from_hex(hex).value()).value(), call);
}

TEST(ConsentCalls, AsEthersEncodesThem) {
    const Revocation revocation{ethers_grant(0x11).subject, filled(0x11)};
    expect_call(GrantCall{{ethers_grant(0x11), kSignature}}, vectors::kGrant);
    expect_call(grant_batch({{ethers_grant(0x11), kSignature}, {ethers_grant(0x12), kSecondSignature}}), vectors::kGrantBatch);
    expect_call(RevokeCall{{revocation, kSignature}}, vectors::kRevoke);
    expect_call(apply_batch({{revocation, kSignature}}, {{ethers_grant(0x11), kSignature}, {ethers_grant(0x12), kSecondSignature}}),
                vectors::kApplyBatch);
    const RequestCall request{filled(1), filled(2), 77};
    EXPECT_EQ(decode_consent_call(encode_call(request)).value(), ConsentCall(request));
    EXPECT_EQ(base::to_hex(base::ByteView(encode_call(request)).first(4)), "bb547347");
    EXPECT_EQ(base::to_hex(base::ByteView(status_call(revocation.subject, revocation.consent_id)).first(4)), "d6d76ed5");
}

TEST(AnchorCalls, AsEthersEncodesThem) {
    const AnchorCall anchor{filled(0x33), 5, filled(0x44), {filled(0x55), filled(0x66)}};
    EXPECT_EQ(base::to_hex(encode_call(anchor)), vectors::kAnchor);
    for (const AnchorCalls& call :
         {AnchorCalls(anchor), AnchorCalls(OpenCall{filled(1)}), AnchorCalls(RotateOwnerCall{filled(1), ethers_grant(1).subject})}) {
        EXPECT_EQ(decode_anchor_call(encode_call(call)).value(), call);
    }
    const auto four = [](const base::Bytes& call) { return base::to_hex(base::ByteView(call).first(4)); };
    EXPECT_EQ(four(encode_call(OpenCall{})), "d3b3f73a");
    EXPECT_EQ(four(encode_call(RotateOwnerCall{})), "9f1d7011");
    EXPECT_EQ(four(head_call({})), "f339e3b2");
    EXPECT_EQ(four(included_call({}, 0, {}, {})), "7d4cb174");
}

TEST(ConsentDigests, AsEthersHashesThem) {
    const auto separator = ethereum::domain_separator(consent_domain(1262830405, "0x3535353535353535353535353535353535353535"_address));
    EXPECT_EQ(separator, "60d581c413118823e8a291016d529cde407c1cc121919adf7251ac8ab72cdd37"_hash);
    EXPECT_EQ(grant_digest(separator, ethers_grant(0x11)), "64e4514748bcf1d39dcf71544a4825d42c9bc7475b1c35571964ed54f2a4677d"_hash);
    EXPECT_EQ(revoke_digest(separator, {ethers_grant(0x11).subject, filled(0x11)}),
              "6c91125fa6d370847733bb65dca332faf1178f3f4f3890b023d00df20a532874"_hash);
    const auto key = ethereum::Signer::from_secret(base::Bytes(32, 0x46)).value();
    EXPECT_EQ(base::to_hex(ethereum::to_bytes(key.sign(grant_digest(separator, ethers_grant(0x11))))),
              "205f264236a34690608c7cf75477c0726b7335d1f78ca81dd0d06f792656b54b4eb5123f08d06918e3e870a5fc57fadedfb8a01235747c6a5b9bb6b0d8d5"
              "a69e1b");
}

TEST(Events, TopicsAsEthersHashesThem) {
    const auto topic = [](const ConsentEvent& e) { return ethereum::to_text(to_event({}, e).topics[0]); };
    EXPECT_EQ(topic(Requested{}), "0xa0f5d403169b2ee3fc9a51e3b66dbb6b216c9fa84b4a3bdc53d8fb79a4cc0c33");
    EXPECT_EQ(topic(Granted{}), "0x590a165e8be6704f2c7f4e1ea2291d18d6b2ecbf5213137aba20fed9f04b7385");
    EXPECT_EQ(topic(Revoked{}), "0x6e70be4be1a4aebd688b5523bd8b6278acac3963d71ebf2bd5ea50757047664b");
    EXPECT_EQ(topic(Skipped{}), "0x7b185704c2f6d1a92f48b9e0f65649a1701984124dc65d5a934e444d59f094b3");
    const auto anchor_topic = [](const AnchorEvent& e) { return ethereum::to_text(to_event({}, e).topics[0]); };
    EXPECT_EQ(anchor_topic(Opened{}), "0x07c741e8ba3753a663e0ae1705e8b4371f1c132ae1de784b4be66b38db729633");
    EXPECT_EQ(anchor_topic(OwnerRotated{}), "0x32efbab036a0d4f5c6450778c2c262dbe94dd466a290e7188104d844a9fa9dbd");
    EXPECT_EQ(anchor_topic(Anchored{}), "0xbea4d11b910aad40d2df2a90d97a3329219b6389f85777c99daad7eb5fafd439");
}

TEST(Events, ThereAndBack) {
    const auto who = ethers_grant(1).subject;
    for (const ConsentEvent& event :
         {ConsentEvent(Requested{who, filled(1), filled(2), 3}), ConsentEvent(Granted{who, filled(1), filled(2), 3, kNoEnd}),
          ConsentEvent(Revoked{who, filled(1)}), ConsentEvent(Skipped{who, filled(1), SkipReason::already_revoked})}) {
        const auto written = to_event(who, event);
        EXPECT_EQ(consent_event(written).value(), event);
        EXPECT_EQ(anchor_event(written).value(), std::nullopt) << "not of this contract";
        auto short_of_a_topic = written;
        short_of_a_topic.topics.pop_back();
        EXPECT_FALSE(consent_event(short_of_a_topic));
        auto longer = written;
        longer.data.resize(longer.data.size() + 32);
        EXPECT_FALSE(consent_event(longer));
    }
    for (const AnchorEvent& event : {AnchorEvent(Opened{filled(1), who}), AnchorEvent(OwnerRotated{filled(1), who, who}),
                                     AnchorEvent(Anchored{filled(1), 9, filled(2)})}) {
        const auto written = to_event(who, event);
        EXPECT_EQ(anchor_event(written).value(), event);
        EXPECT_EQ(consent_event(written).value(), std::nullopt);
        auto short_of_a_topic = written;
        short_of_a_topic.topics.pop_back();
        EXPECT_FALSE(anchor_event(short_of_a_topic));
    }
    EXPECT_EQ(consent_event({}).value(), std::nullopt) << "an anonymous event has no topic";
    auto unknown = to_event(who, Skipped{who, filled(1), SkipReason::bad_period});
    unknown.data.back() = 99;
    EXPECT_FALSE(consent_event(unknown));
}

TEST(ContractErrors, NamedByTheirSelector) {
    // Selectors as ethers computes them.
    const std::pair<const char*, std::string_view> kSelectors[] = {
        {"f9be60a2", error::kAlreadyActive},  {"965f8d94", error::kAlreadyOpen},
        {"905e7107", error::kAlreadyRevoked}, {"db82cb5e", error::kBadConsistencyProof},
        {"7bdc76e2", error::kBadPeriod},      {"5cd5d233", error::kBadSignature},
        {"70f65caa", error::kDeadlinePassed}, {"ff633a38", error::kLengthMismatch},
        {"80e1cc91", error::kNotGrowing},     {"30cd7471", error::kNotOwner},
        {"743573b1", error::kUnknownLog},     {"9905827b", error::kZeroOwner}};
    for (const auto& [hex, name] : kSelectors) EXPECT_EQ(error_name(base::from_hex(hex).value()), name);
    EXPECT_EQ(error_name({}), "");
    EXPECT_EQ(error_name(base::from_hex("08c379a0").value()), "");
}

TEST(ConsentStatusWord, ThereAndBack) {
    ConsentStatus status{ConsentState::revoked, 0x010203040506, kNoEnd, 0x111213141516, {}};
    std::copy_n(test_hash(1).begin(), 13, status.terms_prefix.begin());
    const auto word = pack(status);
    EXPECT_EQ(unpack(word).value(), status);
    // The Solidity layout: state in the lowest byte, then notBefore, notAfter, changedAt, the hash on top.
    EXPECT_EQ(base::to_hex(base::ByteView(word).subspan(13)), "111213141516ffffffffffff01020304050602");
    EXPECT_TRUE(has_terms(status, test_hash(1)));
    EXPECT_FALSE(has_terms(status, test_hash(2)));
    EXPECT_EQ(unpack({}).value(), ConsentStatus{});
    auto unknown = word;
    unknown[31] = 3;
    EXPECT_EQ(unpack(unknown).error().kind, base::Kind::corrupt);
}

TEST(Calls, BrokenCalldataIsRefusedNotRead) {
    std::mt19937_64 random(3);
    const auto good = base::from_hex(vectors::kApplyBatch).value();
    for (std::size_t n = 0; n < good.size(); ++n) EXPECT_FALSE(decode_consent_call(base::ByteView(good).first(n)));
    for (int i = 0; i < 20'000; ++i) {
        auto bytes = good;
        for (auto changes = 1 + random() % 3; changes > 0; --changes)
            bytes[4 + random() % (bytes.size() - 4)] = static_cast<std::uint8_t>(random());
        const auto call = decode_consent_call(bytes);
        EXPECT_TRUE(!call || encode_call(*call) == bytes);
    }
    EXPECT_FALSE(decode_anchor_call(good)) << "a function of the other contract";
}

}  // namespace
}  // namespace ledger
