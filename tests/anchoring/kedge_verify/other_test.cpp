// What kedge-verify checks besides AuditEvents: write sets, hashes of records, consents, consistency; and how it reads large files.
#include "anchoring/chain/proofs.hpp"
#include "anchoring/kedge_verify/audit.hpp"
#include "anchoring/kedge_verify/consent_claim.hpp"
#include "anchoring/kedge_verify/ledger_lines.hpp"
#include "anchoring/kedge_verify/report.hpp"
#include "anchoring/proof/tree.hpp"
#include "tests/anchoring/chain/fixture.hpp"

namespace {

using namespace chain_test;
using kedge_verify::Evidence;
using kedge_verify::Line;
using proof::Tier;

struct Run {
    kedge_verify::Sum sum;
    std::vector<Line> lines;
};
Run check(Evidence evidence, const std::vector<std::string>& files, unsigned threads = 1) {
    Run out;
    kedge_verify::Audit audit(
        std::move(evidence), [&](const Line& line) { out.lines.push_back(line); }, threads);
    for (const auto& file : files) audit.add("file", file);
    out.sum = audit.finish();
    return out;
}

struct Log : Fixture {
    proof::Written written;
    Log() {
        fill(0, 5);
        written.record.fill(0xab);
        written.seq = 17;
        written.version = 3;
        written.ciphertext_hash.fill(0xcd);
        chain::Submission set;
        set.kind = proof::EntryKind::write_set;
        set.keys.id = "w";
        set.content = base::as_text(proof::encode_write_set(std::vector{written}));
        EXPECT_TRUE(append({set}).has_value());
        fill_more(6, 9);
    }
    void fill_more(int from, int to) {
        for (int i = from; i < to; ++i) EXPECT_TRUE(append({submission("e" + std::to_string(i), "1", clock.now_us())}).has_value());
    }
    Evidence evidence() const {
        Evidence out;
        out.key = *proof::VerifierKey::parse(log->verifier_key());
        return out;
    }
    std::string proof(std::uint64_t seq, bool with_event = true) { return chain::proof_of(*log, seq, with_event, std::nullopt)->text(); }
    kedge_verify::SavedAnchor anchor(std::uint64_t size, bool final = true) {
        kedge_verify::SavedAnchor out;
        out.record.size = size;
        out.record.root = *log->root_at(size);
        out.record.final = final;
        return out;
    }
    std::string entry(std::uint64_t seq) {
        return R"({"fullUrl":"u","resource":)" + log->event(seq)->content + R"(,"extension":[{"url":")" +
               std::string(kedge_verify::kProofUrl) + R"(","valueBase64Binary":")" + base::to_base64(base::as_bytes(proof(seq, false))) +
               R"("}]})";
    }
};

TEST(WriteSets, ProveTheHashOfARecordsVersion) {
    Log a;
    auto run = check(a.evidence(), {a.proof(5)});
    EXPECT_TRUE(run.sum.good());
    ASSERT_EQ(run.lines.size(), 1u);
    EXPECT_EQ(run.lines[0].of, Line::Of::write_set);
    ASSERT_EQ(run.lines[0].written.size(), 1u);
    EXPECT_EQ(run.lines[0].written[0].ciphertext_hash, a.written.ciphertext_hash);
    EXPECT_NE(
        kedge_verify::line_text(run.lines[0]).find("record " + base::to_hex(a.written.record) + " version 3 has the ciphertext hash cdcd"),
        std::string::npos);
    EXPECT_EQ(kedge_verify::sum_text(run.sum), "1 of 1 other statements proven: nothing is in doubt\n");

    auto evidence = a.evidence();
    evidence.records.push_back({a.written.record, 3, a.written.ciphertext_hash});
    run = check(evidence, {a.proof(5)});
    EXPECT_TRUE(run.sum.good());
    EXPECT_EQ(run.lines.back().verdict.sentence, "its ciphertext is the one that entry 5 wrote");
    evidence.records[0].ciphertext_hash[31] ^= 1;
    EXPECT_FALSE(check(evidence, {a.proof(5)}).sum.good());
    evidence.records[0] = {a.written.record, 4, a.written.ciphertext_hash};
    EXPECT_FALSE(check(evidence, {a.proof(5)}).sum.good()) << "a version that nothing speaks of";
    EXPECT_FALSE(check(a.evidence(), {a.proof(5, false)}).sum.good()) << "a write set's proof without the write set";
}

TEST(Consistency, OfTwoAnchoredTrees) {
    Log a;
    ASSERT_TRUE(a.log->checkpoint_now().has_value());
    const auto head = *a.log->checkpoint_covering(8);
    const auto file = [&](std::uint64_t old) {
        std::string out = "old " + std::to_string(old) + "\n";
        const auto path = *a.log->consistency(old, head->size);
        for (const auto& hash : path) out += base::to_base64(hash) + "\n";
        return out + "\n" + head->note;
    };
    auto evidence = a.evidence();
    EXPECT_FALSE(check(evidence, {file(6)}).sum.good()) << "nothing says what the tree of 6 entries was";
    evidence.anchors = {a.anchor(6)};
    auto run = check(evidence, {file(6)});
    EXPECT_TRUE(run.sum.good()) << run.lines[0].verdict.sentence;
    EXPECT_EQ(run.lines[0].verdict.tier, Tier::signed_head) << "the newer tree is only signed";
    evidence.anchors.push_back(a.anchor(head->size, false));
    EXPECT_EQ(check(evidence, {file(6)}).lines[0].verdict.tier, Tier::anchored);
    evidence.anchors[1].record.final = true;
    EXPECT_EQ(check(evidence, {file(6)}).lines[0].verdict.tier, Tier::final);
    evidence.anchors[0].record.root[0] ^= 1;
    run = check(evidence, {file(6)});
    EXPECT_EQ(run.lines[0].verdict.sentence, "the tree of 9 entries is not shown to contain the anchored one of 6");
    EXPECT_FALSE(run.sum.good());
    for (const std::string bad : {"old 6\n", "old x\n\nn", "old 6\n!!\n\nnote\n"}) EXPECT_FALSE(check(evidence, {bad}).sum.good()) << bad;
}

TEST(Consistency, FromTheTransactionsThatWereSaved) {
    Log a;
    auto evidence = a.evidence();
    evidence.anchors = {a.anchor(4), a.anchor(9)};
    evidence.anchors[1].consistency = *a.log->consistency(4, 9);
    const auto run = check(evidence, {a.proof(2)});
    EXPECT_TRUE(run.sum.good());
    ASSERT_EQ(run.lines.size(), 2u);
    EXPECT_EQ(run.lines[1].id, "anchors of 4 and 9 entries");
    EXPECT_EQ(run.lines[1].verdict.tier, Tier::final);
    evidence.anchors[1].consistency->pop_back();
    EXPECT_EQ(check(evidence, {a.proof(2)}).lines.size(), 1u) << "what is not shown is not said";
}

TEST(Files, LinesBundlesAndManyThreadsTellTheSame) {
    Log a;
    std::string lines, bundle;
    for (const std::uint64_t seq : {0, 1, 2, 3, 4, 6, 7, 8}) {
        lines += a.entry(seq) + "\n";
        bundle += (bundle.empty() ? "" : ", ") + a.entry(seq);
    }
    const auto type = std::string(R"("resourceType":"Bundle")");
    for (const auto& file : {lines, "{" + type + R"(,"entry":[)" + bundle + "]}", R"({"entry":[)" + bundle + "]," + type + "}",
                             "{" + type + R"(,"entry":[)" + bundle + "]}\n{" + type + R"(,"entry":[]})"}) {
        const auto run = check(a.evidence(), {file});
        EXPECT_TRUE(run.sum.good()) << kedge_verify::sum_text(run.sum);
        EXPECT_EQ(run.sum.proven, 8u);
        EXPECT_EQ(run.lines[5].where, "file entry 5");
        EXPECT_EQ(run.lines[5].id, "e6");
    }
    // Above the size from which threads are used: the same order, and the one changed event is named.
    std::string large, again = a.entry(3);
    while (large.size() < (3u << 20)) large += again + "\n";
    auto bad = again;
    bad.replace(bad.find("10.1.2.3"), 8, "10.1.2.4");
    const auto middle = large.find('\n', large.size() / 2) + 1;
    large.insert(middle, bad + "\n");
    const auto one = check(a.evidence(), {large}), three = check(a.evidence(), {large}, 3);
    ASSERT_EQ(one.lines.size(), three.lines.size());
    EXPECT_EQ(one.sum.proven + 1, one.sum.events);
    EXPECT_EQ(kedge_verify::sum_text(one.sum), kedge_verify::sum_text(three.sum));
    for (std::size_t i = 0; i < one.lines.size(); ++i) {
        ASSERT_EQ(kedge_verify::line_json(one.lines[i]), kedge_verify::line_json(three.lines[i]));
        ASSERT_EQ(one.lines[i].verdict.proven, one.lines[i].where != "file entry " + std::to_string(middle / (again.size() + 1)));
    }
}

TEST(Files, BrokenOnesAreDoubtsWhereverTheyBreak) {
    Log a;
    const auto file = R"({"resourceType":"Bundle","type":"searchset","entry":[)" + a.entry(2) + "," + a.entry(3) + "]}";
    ASSERT_TRUE(check(a.evidence(), {file}).sum.good());
    for (std::size_t cut = 1; cut < file.size(); cut += cut < 80 ? 1 : 37)
        EXPECT_FALSE(check(a.evidence(), {file.substr(0, cut)}).sum.good()) << cut;
    EXPECT_FALSE(check(a.evidence(), {file.substr(0, file.size() - 1)}).sum.good());
    const auto entry = a.entry(2);
    const auto with = [&](const std::string& find, const std::string& put) {
        auto out = entry;
        out.replace(out.find(find), find.size(), put);
        return check(a.evidence(), {out}).sum.good();
    };
    EXPECT_TRUE(with(R"("fullUrl":"u")", R"("fullUrl" : "\u00e4")"));
    auto escaped = entry;
    escaped.replace(escaped.find(R"("resource":)"), 11, "\"r\\u0065source\":\n  ");
    EXPECT_TRUE(check(a.evidence(), {R"({"resourceType":"Bundle","entry":[)" + escaped + "]}"}).sum.good())
        << "escapes in a name take the exact reader";
    EXPECT_FALSE(with(R"("fullUrl":"u")", R"("fullUrl":"u","fullUrl":"u")")) << "a repeated member";
    EXPECT_FALSE(with(R"("fullUrl":"u")", R"("resource":{"resourceType":"AuditEvent"})")) << "two resources";
    EXPECT_FALSE(with(R"("extension":[)", R"("extension":[{"url":")" + std::string(kedge_verify::kProofUrl) + R"("},)")) << "two proofs";
    EXPECT_FALSE(with(R"("fullUrl":"u")", "\"fullUrl\":\"\xff\"")) << "no UTF-8";
    EXPECT_FALSE(with(R"("fullUrl":"u")", "\"fullUrl\":\"\n\"")) << "a control character";
    EXPECT_FALSE(with(R"("fullUrl":"u")", R"("fullUrl":01)"));
    EXPECT_FALSE(with(R"("fullUrl":"u")", R"("fullUrl":tru)"));
    EXPECT_FALSE(with(R"("fullUrl":"u")", R"("fullUrl":"\x")"));
    EXPECT_FALSE(with(R"("fullUrl":"u",)", R"("fullUrl":"u")"));
    EXPECT_FALSE(with(R"("fullUrl":"u")", R"("fullUrl":)" + std::string(80, '[') + std::string(80, ']'))) << "too deep";
    EXPECT_FALSE(check(a.evidence(), {R"({"resourceType":"List","entry":[)" + entry + "]}"}).sum.good());
    EXPECT_FALSE(check(a.evidence(), {R"({"resourceType":"Bundle","entry":[)" + entry + R"(],"entry":[]})"}).sum.good());
}

// A consent on the ledger, as somebody who is trusted wrote it down.
std::string consent_line(const std::string& event, std::uint64_t time, const std::string& more = "",
                         const std::string& finality = "final") {
    const auto hex = [](char digit, int bytes) { return "0x" + std::string(static_cast<std::size_t>(bytes) * 2, digit); };
    return R"({"kind":"consent","event":")" + event + R"(","chainId":7,"contract":")" + hex('c', 20) + R"(","subject":")" + hex('5', 20) +
           R"(","consentId":")" + hex('1', 32) + R"(","termsHash":")" + hex('7', 32) +
           R"(","notBefore":100,"notAfter":281474976710655,"time":)" + std::to_string(time) + R"(,"blockNumber":)" +
           std::to_string(time / 10) + R"(,"txHash":")" + hex('e', 32) + R"(","finality":")" + finality + "\"" + more + "}\n";
}
std::string claim(const std::string& state, char terms = '7') {
    const auto part = [](const std::string& name, const std::string& value) {
        return R"({"name":")" + name + R"(","valueString":")" + value + "\"}";
    };
    return R"({"resourceType":"Parameters","parameter":[)" + part("state", state) + "," + part("consentId", "0x" + std::string(64, '1')) +
           "," + part("termsHash", "0x" + std::string(64, terms)) + "," + part("contract", "0x" + std::string(40, 'c')) + "]}";
}
Line judge(const std::string& ledger, const std::string& file, std::optional<std::uint64_t> at = {}) {
    Evidence evidence;
    std::vector<std::string> doubts;
    const auto read = kedge_verify::read_ledger_lines(ledger, {}, evidence, doubts);
    EXPECT_TRUE(read.has_value()) << read.error().diagnostics;
    if (at) evidence.at = static_cast<base::TimeUs>(*at) * 1'000'000;
    auto run = check(std::move(evidence), {file});
    return run.lines.empty() ? Line{} : run.lines[0];
}

TEST(Consents, TheStateAtATime) {
    const auto granted = consent_line("granted", 1000), revoked = consent_line("revoked", 3000);
    const auto asked = consent_line("state", 2000, R"(,"state":"active","changed":1000)");
    const auto line = judge(granted + asked, claim("active"));
    EXPECT_TRUE(line.verdict.proven) << line.verdict.sentence;
    EXPECT_EQ(line.verdict.tier, Tier::final);
    EXPECT_EQ(line.of, Line::Of::consent);
    EXPECT_NE(line.verdict.sentence.find("active at 1970-01-01T00:33:20.000Z; granted in block 100"), std::string::npos)
        << line.verdict.sentence;
    EXPECT_FALSE(judge(granted, claim("active")).verdict.proven) << "nothing shows that it was not revoked";
    EXPECT_NE(judge(granted, claim("active")).verdict.sentence.find("--rpc"), std::string::npos);
    EXPECT_TRUE(judge(granted + revoked, claim("revoked")).verdict.proven) << "a revocation is for ever";
    EXPECT_FALSE(judge(granted + revoked, claim("active")).verdict.proven);
    EXPECT_FALSE(judge(granted + asked, claim("revoked")).verdict.proven);
    EXPECT_TRUE(judge(granted + asked, claim("revoking")).verdict.proven) << "the ledger does not have it yet";
    EXPECT_FALSE(judge(granted + asked, claim("queued")).verdict.proven);
    EXPECT_FALSE(judge(granted + asked, claim("active", '8')).verdict.proven) << "other terms";
    EXPECT_TRUE(judge(granted + asked, claim("active"), 1500).verdict.proven);
    EXPECT_FALSE(judge(granted + asked, claim("active"), 2500).verdict.proven) << "later than what was asked";
    EXPECT_TRUE(judge(granted + asked, claim("active"), 900).verdict.sentence.starts_with("none at"));
    EXPECT_TRUE(judge(granted + revoked, claim("active"), 3500).verdict.sentence.starts_with("revoked at"));
    const auto before = judge(granted + asked + revoked, claim("revoked"), 1999);
    EXPECT_TRUE(before.verdict.proven && before.verdict.sentence.starts_with("active at")) << before.verdict.sentence;
    EXPECT_EQ(judge(consent_line("granted", 1000, "", "mined") + asked, claim("active")).verdict.tier, Tier::anchored);
    EXPECT_FALSE(judge(granted, R"({"resourceType":"Parameters"})").verdict.proven);
    EXPECT_FALSE(judge("", claim("active")).verdict.proven);
}

TEST(Consents, AnotherSubjectsUseOfTheIdChangesNothing) {
    auto foreign = consent_line("revoked", 1500);
    foreign.replace(foreign.find("5555"), 4, "6666");
    const auto ledger = consent_line("granted", 1000) + foreign + consent_line("state", 2000, R"(,"state":"active","changed":1000)");
    EXPECT_TRUE(judge(ledger, claim("active")).verdict.proven);
}

TEST(LedgerLines, WhatIsNotUnderstoodIsAnError) {
    Evidence evidence;
    std::vector<std::string> doubts;
    const auto granted = consent_line("granted", 1000);
    for (const std::string name :
         {"event", "chainId", "contract", "subject", "consentId", "termsHash", "notBefore", "time", "blockNumber", "txHash", "finality"}) {
        auto line = granted;
        line.replace(line.find("\"" + name + "\""), name.size() + 2, "\"x\"");
        const auto read = kedge_verify::read_ledger_lines(line, {}, evidence, doubts);
        ASSERT_FALSE(read.has_value()) << name;
        EXPECT_NE(read.error().diagnostics.find("line 1: a consent record without a good '" + name + "'"), std::string::npos)
            << read.error().diagnostics;
    }
    for (const std::string line : {R"({"kind":"other"})", "{", R"({"kind":"receipt"})"})
        EXPECT_FALSE(kedge_verify::read_ledger_lines(line, {}, evidence, doubts).has_value());
    EXPECT_TRUE(doubts.empty());
}

}  // namespace
