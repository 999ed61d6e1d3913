// What is sent in which order, how a unit is sent, and what the journal remembers.
#include "fhir/server/load_plan.hpp"

#include "fhir/server/load_journal.hpp"
#include "fhir/server/load_report.hpp"
#include "fhir/server/load_unit.hpp"
#include "storage/base/json.hpp"
#include "tests/support/files.hpp"

#include <sstream>

#include <gtest/gtest.h>

namespace server {
namespace {

std::vector<std::string> names(const std::vector<LoadFile>& files) {
    std::vector<std::string> out;
    for (const auto& file : files) out.push_back(file.path.substr(file.path.rfind('/') + 1));
    return out;
}

TEST(LoadPlan, OrganisationsGoFirstThenTheRestByName) {
    const support::TempDir dir;
    std::filesystem::create_directories(dir / "below");
    for (const auto* name :
         {"b.json", "a.ndjson", "0-x.json", "hospitalInformation15.json", "practitionerInformation15.json", "below/0-y.json", "note.txt"}) {
        support::write_file(dir / name, "{}");
    }
    const auto plan = plan_load({dir.string()});
    ASSERT_TRUE(plan) << plan.error().diagnostics;
    EXPECT_EQ(names(plan->first),
              (std::vector<std::string>{"0-x.json", "0-y.json", "hospitalInformation15.json", "practitionerInformation15.json"}));
    EXPECT_EQ(names(plan->rest), (std::vector<std::string>{"a.ndjson", "b.json"}));
    EXPECT_TRUE(plan->rest[0].ndjson);
    EXPECT_EQ(plan->bytes, 12u);
    const auto twice = plan_load({dir.string(), (dir / "b.json").string()});
    EXPECT_EQ(twice->rest.size(), 2u);
}

TEST(LoadPlan, SaysWhatItCannotTake) {
    const support::TempDir dir;
    support::write_file(dir / "note.txt", "x");
    EXPECT_EQ(plan_load({"/nonexistent"}).error().kind, base::Kind::not_found);
    EXPECT_EQ(plan_load({dir.string()}).error().kind, base::Kind::not_found);
    EXPECT_EQ(plan_load({(dir / "note.txt").string()}).error().kind, base::Kind::invalid);
}

TEST(LoadReader, ReadsLinesAndFilesInOrder) {
    const support::TempDir dir;
    support::write_file(dir / "a.ndjson", "{\"n\":1}\r\n\n  \n{\"n\":2}");
    support::write_file(dir / "b.json", "{\n}");
    std::istringstream in;
    LoadReader reader(plan_load({dir.string()})->rest, in);
    LoadUnit unit;
    ASSERT_TRUE(*reader.next(unit));
    EXPECT_EQ(unit.body, "{\"n\":1}");
    EXPECT_EQ(unit.line, 1u);
    ASSERT_TRUE(*reader.next(unit));
    EXPECT_EQ(unit.body, "{\"n\":2}");
    EXPECT_EQ(unit.line, 4u);
    ASSERT_TRUE(*reader.next(unit));
    EXPECT_EQ(unit.body, "{\n}");
    EXPECT_EQ(unit.line, 0u);
    EXPECT_FALSE(*reader.next(unit));
}

TEST(LoadReader, AMissingFileIsReportedAndTheNextOneIsRead) {
    std::istringstream in("{}\n");
    LoadReader reader({{"/nonexistent.json", 0, false}, {"-", 0, true}}, in);
    LoadUnit unit;
    EXPECT_EQ(reader.next(unit).error().kind, base::Kind::not_found);
    EXPECT_TRUE(*reader.next(unit));
    EXPECT_EQ(unit.body, "{}");
}

TEST(LoadRequest, BundlesGoToTheEndpointAndResourcesToTheirType) {
    const auto bundle = request_of(R"({"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"PUT"}},
                                       {"request":{"method":"POST","ifNoneExist":"identifier=1"}}]})");
    ASSERT_TRUE(bundle);
    EXPECT_EQ(bundle->method + bundle->path, "POST");
    EXPECT_EQ(bundle->entries, 2u);
    EXPECT_TRUE(bundle->repeatable);
    EXPECT_FALSE(bundle->is_batch);
    EXPECT_FALSE(request_of(R"({"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"POST"}}]})")->repeatable);
    EXPECT_EQ(request_of(R"({"resourceType":"Patient","id":"a"})")->path, "/Patient/a");
    EXPECT_EQ(request_of(R"({"resourceType":"Patient","id":"a"})")->method, "PUT");
    EXPECT_EQ(request_of(R"({"resourceType":"Patient"})")->path, "/Patient");
    EXPECT_EQ(request_of(R"({"resourceType":"Bundle","type":"collection"})")->path, "/Bundle");
    for (const auto* text : {"", "[]", "{}", "{\"resourceType\":1}", "{\"a\":1,\"a\":2}"}) {
        EXPECT_EQ(request_of(text).error().kind, base::Kind::invalid) << text;
    }
}

TEST(LoadJournal, RemembersAcrossRunsAndForgetsATornLine) {
    const support::TempDir dir;
    const auto path = (dir / "journal").string();
    const auto key = LoadJournal::key_of("a/./b.ndjson", 3, "{}");
    EXPECT_EQ(key, LoadJournal::key_of("a/b.ndjson", 3, "{}"));
    EXPECT_NE(key, LoadJournal::key_of("a/b.ndjson", 4, "{}"));
    EXPECT_NE(key, LoadJournal::key_of("a/b.ndjson", 3, "{ }"));
    {
        auto journal = LoadJournal::open(path, "http://h/fhir");
        ASSERT_TRUE(journal);
        EXPECT_FALSE((*journal)->has(key));
        ASSERT_TRUE((*journal)->add(key));
        EXPECT_TRUE((*journal)->has(key));
    }
    const auto whole = support::read_file(path);
    support::write_file(path, whole + "0123torn");
    {
        auto journal = LoadJournal::open(path, "http://h/fhir");
        ASSERT_TRUE(journal);
        EXPECT_TRUE((*journal)->has(key));
        ASSERT_TRUE((*journal)->add("next"));
    }
    EXPECT_EQ(support::read_file(path), whole + "next\n");
    support::write_file(path, whole.substr(0, 10));  // torn while it was made
    EXPECT_TRUE(LoadJournal::open(path, "http://h/fhir"));
    EXPECT_EQ(support::read_file(path), whole.substr(0, whole.find('\n') + 1));
}

TEST(LoadJournal, IsOfOneServer) {
    const support::TempDir dir;
    const auto path = (dir / "journal").string();
    ASSERT_TRUE(LoadJournal::open(path, "http://h/fhir"));
    EXPECT_EQ(LoadJournal::open(path, "http://other/fhir").error().kind, base::Kind::conflict);
    support::write_file(dir / "other", "something else\n");
    EXPECT_EQ(LoadJournal::open((dir / "other").string(), "http://h/fhir").error().kind, base::Kind::invalid);
    EXPECT_EQ(support::read_file(dir / "other"), "something else\n");
    EXPECT_EQ(LoadJournal::open("/nonexistent/journal", "u").error().kind, base::Kind::fault);
}

TEST(LoadReport, NamesTheEntriesOfABatch) {
    const LoadUnit unit{"f.json", 0, 0, ""};
    LoadRequest request;
    request.is_batch = true;
    const Answer answer{200,
                        R"({"entry":[{"response":{"status":"201 Created"}},
        {"response":{"status":"422","outcome":{"resourceType":"OperationOutcome","issue":[{"diagnostics":"bad","expression":["Patient.name"]}]}}},{}]})",
                        {}};
    const auto failures = failures_in(unit, request, answer);
    ASSERT_EQ(failures.size(), 2u);
    EXPECT_EQ(failures[0].entry, 1);
    EXPECT_EQ(failures[0].status, 422);
    EXPECT_EQ(failures[0].diagnostics, "bad (Patient.name)");
    EXPECT_EQ(failures[1].entry, 2);
    EXPECT_EQ(failures_in(unit, request, {200, "<html>", {}}).size(), 1u);
    EXPECT_TRUE(failures_in(unit, LoadRequest(), {201, "", {}}).empty());
    EXPECT_EQ(failures_in(unit, LoadRequest(), {302, "", {}}).size(), 1u);
}

TEST(LoadReport, LinesAreJsonWhateverTheServerSaid) {
    std::ostringstream out;
    LoadReport report(out);
    report.add({"f\".ndjson", 7, -1, 500, diagnostics_of(std::string(499, 'a') + "ü" + std::string(100, 'b'))});
    const auto line = json::parse(out.str());
    ASSERT_TRUE(line) << line.error().diagnostics;
    EXPECT_EQ(line->text("file"), "f\".ndjson");
    EXPECT_EQ(line->text("diagnostics"), std::string(499, 'a'));
    EXPECT_EQ(line->find("entry"), nullptr);
    EXPECT_EQ(report.count(), 1u);
}

}  // namespace
}  // namespace server
