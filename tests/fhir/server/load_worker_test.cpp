// Retries and what is not retried, with a client that answers as the test says.
#include "fhir/server/load_worker.hpp"

#include "tests/support/files.hpp"

#include <deque>
#include <sstream>

#include <gtest/gtest.h>

namespace server {
namespace {

using std::chrono::milliseconds;

class ScriptedClient final : public LoadClient {
  public:
    std::deque<base::Result<Answer>> answers;
    std::vector<std::string> sent;
    base::Result<Answer> send(std::string_view method, std::string_view path, std::string_view) override {
        sent.push_back(std::string(method) + " " + std::string(path));
        if (answers.empty()) return Answer{201, "", {}};
        auto answer = std::move(answers.front());
        answers.pop_front();
        return answer;
    }
};

class LoadWorker : public testing::Test {
  protected:
    void send(std::string body) { send_unit(run, client, {"f", 1, body.size(), body}); }
    std::ostringstream report_text;
    std::ostringstream progress_text;
    LoadReport report{report_text};
    LoadProgress progress{progress_text, false, 0};
    std::vector<milliseconds> pauses;
    LoadRun run{report, progress, nullptr, 3, {}, {}, {}, [this](milliseconds time) { pauses.push_back(time); }};
    ScriptedClient client;
};

constexpr auto kCreate = R"({"resourceType":"Patient"})";
constexpr auto kUpdate = R"({"resourceType":"Patient","id":"1"})";

TEST_F(LoadWorker, WaitsAsLongAsTheServerAsks) {
    client.answers = {Answer{503, "", 2}, Answer{429, "", 1000}, Answer{503, "", {}}, Answer{201, "", {}}};
    send(kCreate);
    EXPECT_EQ(pauses, (std::vector<milliseconds>{milliseconds(2000), milliseconds(60'000), milliseconds(800)}));
    EXPECT_EQ(report.count(), 0u);
    EXPECT_EQ(progress.count().resources, 1u);
}

TEST_F(LoadWorker, GivesUpAfterItsRetries) {
    for (int i = 0; i < 9; ++i) client.answers.push_back(Answer{503, "busy", 0});
    send(kCreate);
    EXPECT_EQ(client.sent.size(), 4u);
    EXPECT_NE(report_text.str().find("\"status\":503"), std::string::npos) << report_text.str();
    EXPECT_EQ(progress.count().requests, 0u);
}

TEST_F(LoadWorker, ACreateWithoutAnAnswerIsNotRepeatedButAnUpdateIs) {
    client.answers.push_back(base::fail(base::Kind::fault, "no answer"));
    send(kCreate);
    EXPECT_EQ(client.sent.size(), 1u);
    EXPECT_NE(report_text.str().find("may or may not be stored"), std::string::npos);
    client.sent.clear();
    client.answers.push_back(base::fail(base::Kind::fault, "no answer"));
    send(kUpdate);
    EXPECT_EQ(client.sent.size(), 2u);
    client.sent.clear();
    client.answers.push_back(base::fail(base::Kind::unavailable, "refused"));
    send(kCreate);
    EXPECT_EQ(client.sent.size(), 2u);
    EXPECT_EQ(report.count(), 1u);
}

TEST_F(LoadWorker, RefusalsAreReportedOnceAndNotRepeated) {
    client.answers = {Answer{422, "", {}}};
    send(kUpdate);
    send("no JSON");
    EXPECT_EQ(client.sent.size(), 1u);
    EXPECT_EQ(report.count(), 2u);
    EXPECT_FALSE(run.stopped);
}

TEST_F(LoadWorker, WithoutAValidTokenItStops) {
    client.answers = {Answer{401, "", {}}};
    std::istringstream in(std::string(kCreate) + "\n" + kCreate + "\n");
    LoadReader reader({{"-", 0, true}}, in);
    std::mutex mutex;
    work(run, client, reader, mutex);
    EXPECT_EQ(client.sent.size(), 1u);
    EXPECT_TRUE(run.stopped);
    EXPECT_NE(run.stop_reason.find("--token"), std::string::npos);
}

TEST_F(LoadWorker, TheJournalSkipsWhatWasAcknowledgedAndOnlyThat) {
    const support::TempDir dir;
    auto journal = LoadJournal::open((dir / "j").string(), "u");
    run.journal = journal->get();
    client.answers = {Answer{422, "", {}}};
    send(kCreate);
    send(kCreate);
    send(kCreate);
    EXPECT_EQ(client.sent.size(), 2u);
    EXPECT_EQ(progress.count().skipped, 1u);
}

// A run that was killed between a request and its answer leaves the journal as it stands here after "no answer".
TEST_F(LoadWorker, TheNextRunDoesNotSendACreateAgainWhoseAnswerNobodySaw) {
    const support::TempDir dir;
    const auto path = (dir / "j").string();
    const auto next_run = [&](std::deque<base::Result<Answer>> answers) {
        auto journal = LoadJournal::open(path, "u").value();
        run.journal = journal.get();
        client.answers = std::move(answers);
        client.sent.clear();
        send(kCreate);
        send(kUpdate);
        run.journal = nullptr;
        return client.sent.size();
    };
    run.retries = 0;
    EXPECT_EQ(next_run({base::fail(base::Kind::fault, "no answer"), base::fail(base::Kind::fault, "no answer")}), 2u);
    EXPECT_EQ(next_run({}), 1u);  // the update
    const auto key = LoadJournal::key_of("f", 1, kCreate);
    EXPECT_NE(report_text.str().find("take the line `begun " + key + "` out of the journal"), std::string::npos) << report_text.str();
    auto text = support::read_file(path);
    const auto at = text.find("begun " + key + "\n");
    ASSERT_NE(at, std::string::npos) << text;
    support::write_file(path, text.erase(at, key.size() + 7));
    EXPECT_EQ(next_run({}), 1u);  // the create
    EXPECT_EQ(next_run({}), 0u);
}

TEST_F(LoadWorker, WhatTheServerDidNotTakeIsSentByTheNextRun) {
    const support::TempDir dir;
    run.retries = 0;
    std::size_t sent = 0;
    for (const int status : {503, 422, 500, 201}) {
        auto journal = LoadJournal::open((dir / "j").string(), "u").value();
        run.journal = journal.get();
        client.answers = {Answer{status, "", {}}};
        send(kCreate);
        run.journal = nullptr;
        if (status != 201) ++sent;
    }
    EXPECT_EQ(client.sent.size(), sent);  // a 500 may stand for a write that is stored
}

}  // namespace
}  // namespace server
