// Parsing alone: nothing here opens a file or runs a command.
#include "fhir/server/cli.hpp"

#include <algorithm>

#include <gtest/gtest.h>

namespace server {
namespace {

template <class Options>
Options parsed(std::vector<std::string> arguments) {
    auto result = parse_command_line(arguments);
    if (const auto* usage = std::get_if<Usage>(&result)) {
        ADD_FAILURE() << usage->text;
        return {};
    }
    const auto* options = std::get_if<Options>(&std::get<Command>(result));
    EXPECT_TRUE(options);
    return options ? *options : Options();
}

Usage refused(std::vector<std::string> arguments) {
    auto result = parse_command_line(arguments);
    const auto* usage = std::get_if<Usage>(&result);
    if (!usage) ADD_FAILURE() << "was taken: " << testing::PrintToString(arguments);
    return usage ? *usage : Usage{-1, ""};
}

TEST(Cli, ServeTakesEverySettingAsAFlag) {
    const auto serve = parsed<ServeOptions>({"serve", "--data", "d", "--listen", "0.0.0.0:1", "--behind-proxy", "--limits-header-bytes",
                                             "2048", "--consent-author-organization-access=false"});
    const Overrides expected{{"data", "d"},
                             {"listen", "0.0.0.0:1"},
                             {"behind_proxy", "true"},
                             {"consent.author_organization_access", "false"},
                             {"limits.header_bytes", "2048"}};
    EXPECT_TRUE(std::is_permutation(serve.overrides.begin(), serve.overrides.end(), expected.begin(), expected.end()))
        << testing::PrintToString(serve.overrides);
    EXPECT_EQ(parsed<ServeOptions>({"serve", "--config", "f"}).config_path, "f");
}

TEST(Cli, PatchTakesThePatchThenTheFile) {
    const auto patch = parsed<PatchOptions>({"patch", "p.json", "-", "--pretty"});
    EXPECT_EQ(patch.patch, "p.json");
    EXPECT_EQ(patch.file, "-");
    EXPECT_TRUE(patch.pretty);
    EXPECT_FALSE(parsed<PatchOptions>({"patch", "-", "f"}).pretty);
}

TEST(Cli, ConvertTakesOneFile) {
    const auto convert = parsed<ConvertOptions>({"convert", "--to", "xml", "--pretty", "-"});
    EXPECT_EQ(convert.to, "xml");
    EXPECT_EQ(convert.file, "-");
    EXPECT_TRUE(convert.pretty);
    EXPECT_FALSE(parsed<ConvertOptions>({"convert", "f", "--to", "json"}).pretty);
    EXPECT_EQ(refused({"convert", "--to", "yaml", "f"}).exit_code, 2);
    EXPECT_EQ(refused({"convert", "f"}).exit_code, 2);
    EXPECT_EQ(refused({"convert", "--to", "xml"}).exit_code, 2);
}

TEST(Cli, FhirpathTakesAnExpressionThatBeginsWithASign) {
    const auto plain = parsed<FhirpathOptions>({"fhirpath", "-name.count() = -2", "patient.json"});
    EXPECT_EQ(plain.expression, "-name.count() = -2");
    EXPECT_EQ(plain.file, "patient.json");
    EXPECT_FALSE(plain.lenient);
    const auto lenient = parsed<FhirpathOptions>({"fhirpath", "name", "-", "--lenient"});
    EXPECT_EQ(lenient.file, "-");
    EXPECT_TRUE(lenient.lenient);
    EXPECT_TRUE(parsed<FhirpathOptions>({"fhirpath", "-", "x.json", "--batch"}).batch);
}

TEST(Cli, ServeRefusesWithoutOpeningAFile) {
    EXPECT_EQ(refused({"serve", "--listen", "0.0.0.0:8080"}).exit_code, 2);
    EXPECT_NE(refused({"serve", "--listen", "0.0.0.0:8080"}).text.find("--behind-proxy"), std::string::npos);
    EXPECT_EQ(refused({"serve", "--io-threads", "many"}).exit_code, 2);
    EXPECT_EQ(refused({"serve", "--log-level", "loud"}).exit_code, 2);
    // With a file the file may bring the TLS keys: only load_config can tell.
    EXPECT_TRUE(std::holds_alternative<Command>(parse_command_line({"serve", "--config", "f", "--listen", "0.0.0.0:1"})));
}

TEST(Cli, WrongUsageIsTwoAndHelpIsZero) {
    for (const auto& arguments : std::vector<std::vector<std::string>>{{},
                                                                       {"fly"},
                                                                       {"serve", "--fly"},
                                                                       {"serve", "extra"},
                                                                       {"serve", "fsck"},
                                                                       {"token"},
                                                                       {"keys"},
                                                                       {"load"},
                                                                       {"backup"},
                                                                       {"restore"}}) {
        const auto usage = refused(arguments);
        EXPECT_EQ(usage.exit_code, 2) << testing::PrintToString(arguments);
        EXPECT_FALSE(usage.text.empty());
    }
    EXPECT_EQ(refused({"--help"}).exit_code, 0);
    const auto help = refused({"serve", "--help"});
    EXPECT_EQ(help.exit_code, 0);
    EXPECT_NE(help.text.find("127.0.0.1:8080"), std::string::npos) << help.text;
    EXPECT_EQ(refused({"--version"}).exit_code, 0);
}

TEST(Cli, TokenKnowsWhoNeedsASubject) {
    const auto token = parsed<TokenOptions>({"token", "--data", "d", "--role", "patient", "--subject", "Patient/1", "--ttl", "15m"});
    EXPECT_EQ(token.ttl_s, 900);
    EXPECT_EQ(token.purpose, "TREAT");
    EXPECT_EQ(parsed<TokenOptions>({"token", "--role", "admin"}).ttl_s, 3600);
    EXPECT_EQ(refused({"token", "--role", "patient"}).exit_code, 2);
    EXPECT_EQ(refused({"token", "--role", "patient", "--subject", "Practitioner/1"}).exit_code, 2);
    EXPECT_EQ(refused({"token", "--role", "king", "--subject", "Patient/1"}).exit_code, 2);
    EXPECT_EQ(refused({"token", "--role", "system", "--subject", "no reference"}).exit_code, 2);
    EXPECT_EQ(refused({"token", "--role", "system", "--ttl", "0"}).exit_code, 2);
    EXPECT_EQ(refused({"token", "--role", "system", "--organization", "Patient/1"}).exit_code, 2);
}

TEST(Cli, LoadChecksItsAddressAndStdin) {
    const auto load = parsed<LoadOptions>({"load", "a", "b", "--url", "http://h/fhir/", "--concurrency", "9"});
    EXPECT_EQ(load.inputs, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(load.url, "http://h/fhir");
    EXPECT_EQ(load.concurrency, 9);
    EXPECT_EQ(parsed<LoadOptions>({"load", "-", "--url", "http://h"}).inputs, std::vector<std::string>{"-"});
    EXPECT_EQ(refused({"load", "a", "--url", "h/fhir"}).exit_code, 2);
    EXPECT_EQ(refused({"load", "a", "-", "--url", "http://h"}).exit_code, 2);
    EXPECT_EQ(refused({"load", "-", "--url", "http://h", "--journal", "j"}).exit_code, 2);
    EXPECT_EQ(refused({"load", "a", "--url", "http://h", "--concurrency", "0"}).exit_code, 2);
}

TEST(Cli, TheOtherCommands) {
    EXPECT_EQ(parsed<DemoOptions>({"demo", "--patients", "3", "--seed", "18446744073709551615", "--out", "-"}).seed, UINT64_MAX);
    EXPECT_EQ(refused({"demo", "--patients", "0"}).exit_code, 2);
    EXPECT_EQ(parsed<FsckOptions>({"fsck", "--data", "d"}).data_dir, "d");
    EXPECT_EQ(parsed<ReindexOptions>({"reindex"}).data_dir, "kedge-data");
    EXPECT_EQ(parsed<KeysOptions>({"keys", "rotate", "--data", "d"}).action, KeysOptions::Action::rotate);
    const auto erase = parsed<KeysOptions>({"keys", "erase", "--patient", "Patient/1", "--yes"});
    EXPECT_EQ(erase.action, KeysOptions::Action::erase);
    EXPECT_EQ(erase.patient, "Patient/1");
    EXPECT_EQ(parsed<RevokeOptions>({"revoke", "-"}).token, "-");
    EXPECT_EQ(refused({"revoke"}).exit_code, 2);
    EXPECT_EQ(refused({"keys", "erase", "--patient", "Patient/1"}).exit_code, 2);
    EXPECT_EQ(refused({"keys", "erase", "--patient", "Patient/", "--yes"}).exit_code, 2);
    EXPECT_EQ(parsed<BackupOptions>({"backup", "--to", "t"}).to, "t");
    const auto restore = parsed<RestoreOptions>({"restore", "--from", "f", "--root-key", "k", "--data", "d"});
    EXPECT_EQ(restore.from, "f");
    EXPECT_EQ(restore.root_key, "k");
    EXPECT_EQ(refused({"restore", "--from", "f", "--data", "d"}).exit_code, 2);
}

TEST(Cli, TheRelayerIsPausedForAReasonOfOneShortLine) {
    const auto pause = parsed<LedgerOptions>({"ledger", "pause", "--data", "d", "--why", "fees, until tonight"});
    EXPECT_EQ(pause.action, LedgerOptions::Action::pause);
    EXPECT_EQ(pause.why, "fees, until tonight");
    EXPECT_EQ(pause.overrides, (Overrides{{"data", "d"}}));
    EXPECT_EQ(parsed<LedgerOptions>({"ledger", "pause"}).why, "");
    EXPECT_EQ(parsed<LedgerOptions>({"ledger", "resume", "--data", "d"}).action, LedgerOptions::Action::resume);
    for (const auto& why : {std::string("two\nlines"), std::string("\xff"), std::string(501, 'x')}) {
        const auto wrong = refused({"ledger", "pause", "--why", why});
        EXPECT_EQ(wrong.exit_code, 2);
        EXPECT_NE(wrong.text.find("--why"), std::string::npos);
    }
    EXPECT_EQ(refused({"ledger", "resume", "--why", "x"}).exit_code, 2);
}

TEST(Cli, DurationsAndReferences) {
    constexpr std::int64_t kYear = 365 * 86'400;
    EXPECT_EQ(*parse_duration_s("90", kYear), 90);
    EXPECT_EQ(*parse_duration_s("7d", kYear), 7 * 86'400);
    for (const auto* text : {"", "h", "1w", "-1h", "366d", "1h1m"}) EXPECT_FALSE(parse_duration_s(text, kYear)) << text;
    EXPECT_TRUE(is_reference("Patient/a-1.B", "Patient"));
    for (const auto* text : {"Patient", "/1", "Patient/", "Patient/a/b", "Patient/a b"})
        EXPECT_FALSE(is_reference(text, "Patient")) << text;
}

TEST(Cli, ATokenLivesADayAtMostAndTheHelpSaysSo) {
    const auto lives = [](const char* ttl) { return std::vector<std::string>{"token", "--role", "auditor", "--ttl", ttl}; };
    EXPECT_EQ(parsed<TokenOptions>(lives("24h")).ttl_s, 86'400);
    EXPECT_EQ(parsed<TokenOptions>(lives("1d")).ttl_s, 86'400);
    for (const auto* ttl : {"7d", "25h", "86401", "0", "soon"}) {
        const auto wrong = refused(lives(ttl));
        EXPECT_EQ(wrong.exit_code, 2);
        EXPECT_NE(wrong.text.find("--ttl: a duration reads 90s, 15m, 12h or 1d, and is from 1 to 86400 seconds"), std::string::npos) << wrong.text;
    }
    const auto flags = all_flags();
    const auto ttl = std::find_if(flags.begin(), flags.end(), [](const FlagHelp& flag) { return flag.flag == "--ttl"; });
    ASSERT_NE(ttl, flags.end());
    EXPECT_EQ(ttl->help.find("7d"), std::string::npos);
    EXPECT_NE(ttl->help.find("a day at most"), std::string::npos);
}

TEST(Cli, EveryFlagHasHelp) {
    const auto flags = all_flags();
    EXPECT_GT(flags.size(), 50u);
    for (const auto& flag : flags) EXPECT_FALSE(flag.help.empty()) << flag.command << " " << flag.flag;
}

}  // namespace
}  // namespace server
