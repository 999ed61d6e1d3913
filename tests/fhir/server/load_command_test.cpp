// kedge load and kedge demo against a listener, over plain HTTP and TLS.
#include "fhir/codec/structure.hpp"
#include "fhir/server/commands.hpp"
#include "fhir/server/demo/population.hpp"
#include "fhir/server/listener.hpp"
#include "storage/base/json.hpp"
#include "tests/support/files.hpp"

#include <atomic>
#include <fstream>
#include <mutex>
#include <set>
#include <thread>

#include <gtest/gtest.h>

namespace server {
namespace {

// Takes everything, remembers the order, and knows when requests overlapped.
struct FakeServer {
    std::mutex mutex;
    std::vector<std::string> seen;  // method, path and the first 40 bytes
    std::atomic<int> under_way{0};
    std::atomic<int> most{0};
    std::function<int(const http::Request&)> status = [](const http::Request&) { return 200; };

    void handle(const http::Request& request, const http::Respond& respond) {
        const int now = ++under_way;
        for (int seen_most = most; now > seen_most && !most.compare_exchange_weak(seen_most, now);) {
        }
        {
            const std::lock_guard lock(mutex);
            seen.push_back(request.method + " " + request.path + " " + request.body.substr(0, 40));
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
        --under_way;
        http::Response response;
        response.status = status(request);
        if (response.status == 503) response.headers.emplace_back("Retry-After", "0");
        response.body =
            R"({"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"processing","diagnostics":"as the test says"}]})";
        respond(std::move(response));
    }
    std::unique_ptr<Listener> listen(std::optional<TlsFiles> tls = {}) {
        ListenOptions options;
        options.port = 0;
        options.threads = 4;
        options.tls = std::move(tls);
        options.limits.linger_timeout_ms = 100;
        return std::move(
            *Listener::start(options, [this](const http::Request& request, const http::Respond& respond) { handle(request, respond); }));
    }
};

LoadOptions options_for(const Listener& listener, const std::string& input) {
    LoadOptions options;
    options.inputs = {input};
    options.url = "http://127.0.0.1:" + std::to_string(listener.port()) + "/fhir";
    return options;
}

TEST(Load, OrganisationsAreThereBeforeAnythingElseIsSent) {
    const support::TempDir dir;
    ASSERT_EQ(run(DemoOptions{12, 1, (dir / "demo").string()}), 0);
    FakeServer fake;
    std::atomic<bool> alone{true};
    fake.status = [&](const http::Request& request) {
        if (request.body.find("\"url\":\"Organization/demo-organization-1\"") != std::string::npos)
            alone = fake.most == 1 && fake.seen.size() == 1;
        return 200;
    };
    const auto listener = fake.listen();
    EXPECT_EQ(run(options_for(*listener, (dir / "demo").string())), 0);
    EXPECT_TRUE(alone);
    EXPECT_EQ(fake.seen.size(), 13u);
    EXPECT_GT(fake.most, 1);
    for (const auto& request : fake.seen) EXPECT_EQ(request.substr(0, 11), "POST /fhir ");
}

TEST(Load, RefusalsGoToTheReportAndTheSecondRunSendsTheRest) {
    const support::TempDir dir;
    std::string lines;
    for (int i = 0; i < 20; ++i) lines += R"({"resourceType":"Patient","id":"p)" + std::to_string(i) + "\"}\n";
    support::write_file(dir / "p.ndjson", lines);
    FakeServer fake;
    std::atomic<int> busy{3};
    fake.status = [&](const http::Request& request) { return request.path == "/fhir/Patient/p7" ? 422 : busy-- > 0 ? 503 : 201; };
    const auto listener = fake.listen();
    auto options = options_for(*listener, (dir / "p.ndjson").string());
    options.journal = (dir / "journal").string();
    options.report = (dir / "report").string();
    EXPECT_EQ(run(options), 1);
    EXPECT_EQ(fake.seen.size(), 23u);
    const auto line = json::parse(support::read_file(dir / "report"));
    ASSERT_TRUE(line) << support::read_file(dir / "report");
    EXPECT_EQ(line->find("line")->if_number()->text, "8");
    EXPECT_EQ(line->find("status")->if_number()->text, "422");
    EXPECT_EQ(line->text("diagnostics"), "as the test says");
    fake.seen.clear();
    fake.status = [](const http::Request&) { return 200; };
    EXPECT_EQ(run(options), 0);
    EXPECT_EQ(fake.seen.size(), 1u);
    EXPECT_EQ(support::read_file(dir / "report"), "");
}

TEST(Load, FailsWhenNobodyListensOrTheFileIsMissing) {
    const support::TempDir dir;
    support::write_file(dir / "a.json", R"({"resourceType":"Patient"})");
    FakeServer fake;
    auto listener = fake.listen();
    auto options = options_for(*listener, (dir / "a.json").string());
    options.retries = 1;
    listener.reset();
    EXPECT_EQ(run(options), 1);
    options.inputs = {"/nonexistent"};
    EXPECT_EQ(run(options), 1);
}

class LoadTls : public testing::Test {
  protected:
    void SetUp() override {
        const auto make =
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost -addext "
            "subjectAltName=DNS:localhost -keyout " +
            (dir / "key.pem").string() + " -out " + (dir / "chain.pem").string() + " 2>/dev/null";
        if (std::system(make.c_str()) != 0) GTEST_SKIP() << "the openssl program is not installed";
        support::write_file(dir / "a.ndjson", "{\"resourceType\":\"Patient\",\"id\":\"1\"}\n{\"resourceType\":\"Patient\",\"id\":\"2\"}\n");
        listener = fake.listen(TlsFiles{(dir / "chain.pem").string(), (dir / "key.pem").string()});
        options = options_for(*listener, (dir / "a.ndjson").string());
        options.url = "https://localhost:" + std::to_string(listener->port()) + "/fhir";
        options.ca_file = (dir / "chain.pem").string();
        options.retries = 0;
    }
    support::TempDir dir;
    FakeServer fake;
    std::unique_ptr<Listener> listener;
    LoadOptions options;
};

TEST_F(LoadTls, WorksWithACertificateThatIsTrusted) {
    EXPECT_EQ(run(options), 0);
    EXPECT_EQ(fake.seen.size(), 2u);
    ASSERT_TRUE(listener->reload_tls());
    EXPECT_EQ(run(options), 0);
    EXPECT_EQ(fake.seen.size(), 4u);
}

TEST_F(LoadTls, RefusesACertificateOfAnotherHostOrAuthority) {
    options.url = "https://127.0.0.1:" + std::to_string(listener->port()) + "/fhir";
    EXPECT_EQ(run(options), 1);
    options.url = "https://localhost:" + std::to_string(listener->port()) + "/fhir";
    options.ca_file.clear();
    EXPECT_EQ(run(options), 1);
    EXPECT_TRUE(fake.seen.empty());
}

TEST_F(LoadTls, ABrokenRenewalKeepsTheOldCertificate) {
    support::write_file(dir / "key.pem", "broken");
    EXPECT_EQ(listener->reload_tls().error().kind, base::Kind::invalid);
    EXPECT_EQ(run(options), 0);
}

TEST(Demo, TheSameSeedWritesTheSameBytes) {
    const auto text = [](std::uint64_t seed, int number) { return json::write(demo::patient_bundle(seed, number)); };
    EXPECT_EQ(text(1, 3), text(1, 3));
    EXPECT_NE(text(1, 3), text(1, 4));
    EXPECT_NE(text(1, 3), text(2, 3));
    EXPECT_EQ(json::write(demo::organizations_bundle(7)), json::write(demo::organizations_bundle(7)));
    // A change of these lines changes every population that somebody keeps: do it knowingly.
    EXPECT_NE(text(1, 1).find("\"url\":\"Patient/demo-1\""), std::string::npos);
    EXPECT_NE(text(9, 1).find("\"url\":\"Patient/demo-s9-1\""), std::string::npos);
}

TEST(Demo, EveryResourceIsSoundAndEveryLinkLeadsSomewhere) {
    std::set<std::string> known;
    std::size_t observations = 0;
    std::size_t observation_bytes = 0;
    const auto check = [&](const json::Value& bundle) {
        std::set<std::string> uuids;
        for (const auto& entry : *bundle.find("entry")->if_array()) uuids.insert(std::string(entry.text("fullUrl")));
        for (const auto& entry : *bundle.find("entry")->if_array()) {
            const auto& resource = *entry.find("resource");
            const auto place = std::string(resource.text("resourceType")) + "/" + std::string(resource.text("id"));
            EXPECT_TRUE(known.insert(place).second) << place << " twice";
            for (const auto& issue : codec::check_structure(resource, {resource.text("resourceType"), resource.text("id")})) {
                ADD_FAILURE() << place << ": " << issue.diagnostics;
            }
            if (resource.text("resourceType") == "Observation") {
                ++observations;
                observation_bytes += json::write(resource).size();
            }
        }
        const auto text = json::write(bundle);
        for (std::size_t at = 0; (at = text.find("\"reference\":\"", at)) != std::string::npos;) {
            at += 13;
            const auto reference = text.substr(at, text.find('"', at) - at);
            EXPECT_TRUE(uuids.count(reference) + known.count(reference) > 0) << reference;
        }
        return uuids.size();
    };
    check(demo::organizations_bundle(3));
    for (int i = 1; i <= 60; ++i) {
        const auto entries = check(demo::patient_bundle(3, i));
        EXPECT_GE(entries, 35u) << i;
        EXPECT_LE(entries, 90u) << i;
    }
    EXPECT_NEAR(static_cast<double>(observation_bytes) / static_cast<double>(observations), 2000, 300);
}

}  // namespace
}  // namespace server
