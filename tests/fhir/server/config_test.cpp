// One table of settings behind file and flags: what is unknown, mistyped or out of range is refused by name.
#include "fhir/server/config.hpp"

#include "fhir/server/settings.hpp"

#include <fstream>

#include <gtest/gtest.h>

namespace server {
namespace {

bool has(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

TEST(Config, ReadsTheFile) {
    Config config;
    const auto applied = apply_toml(config, R"(
data = "/var/lib/kedge"
listen = "[::1]:8443"
behind_proxy = true
[tls]
certificate = "c.pem"
key = "k.pem"
[consent]
default_policy = "opt-out"
author_organization_access = false
[limits]
header_bytes = 32_768
body_timeout_ms = 5000
)",
                                    "kedge.toml");
    ASSERT_TRUE(applied) << applied.error().diagnostics;
    EXPECT_EQ(config.data_dir, "/var/lib/kedge");
    EXPECT_EQ(config.tls_key, "k.pem");
    EXPECT_TRUE(config.behind_proxy);
    EXPECT_EQ(config.consent.default_policy, "opt-out");
    EXPECT_FALSE(config.consent.author_organization_access);
    EXPECT_EQ(config.limits.header_bytes, 32768u);
    EXPECT_EQ(config.limits.body_timeout_ms, 5000);
    EXPECT_EQ(config.limits.idle_timeout_ms, Limits().idle_timeout_ms);
    EXPECT_TRUE(check(config));
    EXPECT_EQ(public_base_url(config), "https://[::1]:8443/fhir");
}

TEST(Config, RefusesByKeyAndLine) {
    struct Case {
        const char* toml;
        const char* says;
    };
    for (const auto& [toml, says] : {
             Case{"data = \"x\"\n[limits]\nheader_byte = 1\n", "line 3: there is no setting limits.header_byte"},
             Case{"[limit]\nx = 1\n", "line 1: there is no section limit"},
             Case{"tls = 3\n", "there is no setting tls"},
             Case{"listen = 8080\n", "listen takes a string"},
             Case{"behind_proxy = \"yes\"\n", "behind_proxy takes true or false"},
             Case{"io_threads = 1.5\n", "io_threads takes a whole number"},
             Case{"io_threads = -1\n", "io_threads takes a whole number from 0 to 1024"},
             Case{"[consent]\ndefault_policy = \"deny\"\n", "consent.default_policy takes opt-in or opt-out"},
             Case{"data = \n", "line 1"},
             Case{"data = \"a\"\ndata = \"b\"\n", "line 2"},
         }) {
        Config config;
        const auto applied = apply_toml(config, toml, "kedge.toml");
        ASSERT_FALSE(applied) << toml;
        EXPECT_EQ(applied.error().kind, base::Kind::invalid);
        EXPECT_TRUE(has(applied.error().diagnostics, says)) << applied.error().diagnostics;
        EXPECT_TRUE(has(applied.error().diagnostics, "kedge.toml")) << applied.error().diagnostics;
    }
    Config config;
    EXPECT_EQ(apply_file(config, "/nonexistent/kedge.toml").error().kind, base::Kind::not_found);
}

TEST(Config, BeyondLoopbackNeedsTlsOrAProxy) {
    const auto said = [](const std::vector<std::pair<std::string, std::string>>& settings) {
        const auto config = load_config("", settings);
        return config ? std::string() : config.error().diagnostics;
    };
    EXPECT_EQ(said({{"listen", "127.0.0.1:80"}}), "");
    EXPECT_EQ(said({{"listen", "localhost:80"}}), "");
    EXPECT_EQ(said({{"listen", "127.9.9.9:80"}}), "");
    EXPECT_EQ(said({{"listen", "[::1]:80"}}), "");
    for (const auto* open : {"0.0.0.0:80", "[::]:80", "192.168.1.1:80", "[::ffff:192.168.1.1]:80"}) {
        EXPECT_TRUE(has(said({{"listen", open}}), "--behind-proxy")) << open;
        EXPECT_EQ(said({{"listen", open}, {"behind_proxy", "true"}}), "");
        EXPECT_EQ(said({{"listen", open}, {"tls.certificate", "c"}, {"tls.key", "k"}}), "");
        EXPECT_TRUE(has(said({{"listen", open}, {"tls.certificate", "c"}}), "tls.key is missing"));
    }
}

TEST(Config, ChecksWhatNoSingleSettingShows) {
    const auto refused = [](std::string_view key, std::string_view value) {
        Config config;
        const auto applied = set(config, key, value);
        return !applied || !check(config);
    };
    EXPECT_TRUE(refused("listen", "8080"));
    EXPECT_TRUE(refused("listen", "127.0.0.1:65536"));
    EXPECT_TRUE(refused("listen", "host:80"));
    EXPECT_TRUE(refused("listen", "[127.0.0.1]:80"));
    EXPECT_TRUE(refused("base_url", "https://x/fhir/"));
    EXPECT_TRUE(refused("base_url", "ftp://x/fhir"));
    EXPECT_FALSE(refused("base_url", "https://x/fhir"));
    EXPECT_TRUE(refused("ledger", "sqlite"));
    EXPECT_FALSE(refused("ledger", "http://127.0.0.1:8545"));
    EXPECT_FALSE(refused("ledger", "http://127.0.0.1:8545 https://node.example.org/rpc"));  // several nodes
    EXPECT_TRUE(refused("ledger", "http://127.0.0.1:8545 sqlite"));
    EXPECT_TRUE(refused("ledger", "http://127.0.0.1:8545 "));
    EXPECT_TRUE(refused("page.size_default", "5000"));
    EXPECT_TRUE(refused("limits.body_bytes", "1000000000000"));
    EXPECT_TRUE(refused("nonsense", "1"));
}

TEST(Config, EveryNumbersDefaultIsInItsOwnRange) {
    for (const auto& setting : settings()) {
        Config config;
        EXPECT_TRUE(setting.set(config, setting.default_text())) << setting.key;
        EXPECT_FALSE(setting.help.empty());
    }
}

TEST(Config, TheExampleFileShowsEverySettingWithItsDefault) {
    std::ifstream in(KEDGE_SOURCE_DIR "/deploy/kedge.example.toml");
    ASSERT_TRUE(in);
    std::string text;
    std::string section;
    std::size_t seen = 0;
    for (std::string line; std::getline(in, line);) {
        if (line.rfind("# [", 0) == 0 || line.rfind("[", 0) == 0)
            section = line.substr(line.find('[') + 1, line.find(']') - line.find('[') - 1) + ".";
        if (line.rfind("#: ", 0) != 0) continue;  // a commented default
        const auto equals = line.find(" = ");
        ASSERT_NE(equals, std::string::npos) << line;
        const auto key = section + line.substr(3, equals - 3);
        const auto* setting = find_setting(key);
        ASSERT_TRUE(setting) << key;
        auto value = line.substr(equals + 3);
        if (value.front() == '"') value = value.substr(1, value.size() - 2);
        EXPECT_EQ(value, setting->default_text()) << key;
        ++seen;
    }
    EXPECT_EQ(seen, settings().size());
}

}  // namespace
}  // namespace server
