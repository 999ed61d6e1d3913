// Definitions that clients stored: what counts, from when, and for whom.
#include "fhir/rest/knowledge.hpp"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

namespace {

using rest::Knowledge;
using terminology::Type;

consent::Facts facts_of(std::vector<std::string> references = {}, std::vector<std::string> patients = {}) {
    consent::Facts out;
    out.references = std::move(references);
    out.patients = std::move(patients);
    return out;
}

Knowledge::Change change(const std::string& id, std::uint32_t version, const std::string& code, const consent::Facts& facts = {}, bool deleted = false) {
    store::Version at;
    at.version = version;
    at.updated_us = version;
    at.deleted = deleted;
    const auto body = R"({"resourceType":"CodeSystem","id":")" + id + R"(","url":"http://x.example/cs","content":"complete","concept":[{"code":")" + code + R"("}]})";
    return Knowledge::change_of("CodeSystem", id, at, facts, *json::parse(body), body);
}

bool knows(const Knowledge& knowledge, const std::string& code) {
    const auto system = knowledge.current()->terms().code_system("http://x.example/cs");
    return system && (*system)->find(code) != nullptr;
}

TEST(Knowledge, CountsUntilItIsDeleted) {
    Knowledge knowledge(validate::Profiles::r4());
    EXPECT_FALSE(knows(knowledge, "a"));
    knowledge.apply({change("1", 1, "a")});
    EXPECT_TRUE(knows(knowledge, "a"));
    EXPECT_EQ((*knowledge.current()->terms().find(Type::code_system, "http://x.example/cs"))->source(), "CodeSystem/1/_history/1");
    knowledge.apply({change("1", 2, "b")});
    EXPECT_FALSE(knows(knowledge, "a"));
    EXPECT_TRUE(knows(knowledge, "b"));
    knowledge.apply({change("1", 3, "b", {}, true)});
    EXPECT_FALSE(knows(knowledge, "b"));
    EXPECT_EQ(knowledge.posted(), 0u);
    EXPECT_FALSE(knowledge.without_posted()->terms().knows(Type::code_system, "http://x.example/cs"));
}

TEST(Knowledge, OfSeveralOfOneUrlTheLastWrittenCounts) {
    Knowledge knowledge(validate::Profiles::r4());
    knowledge.apply({change("z", 1, "old"), change("a", 2, "new")});
    EXPECT_TRUE(knows(knowledge, "new"));
    knowledge.apply({change("a", 3, "new", {}, true)});
    EXPECT_TRUE(knows(knowledge, "old"));
}

// Who treats may write what names a patient; that must not become a rule for all.
TEST(Knowledge, WhatNamesAPatientRulesNobody) {
    Knowledge knowledge(validate::Profiles::r4());
    knowledge.apply({change("1", 1, "a", facts_of({"Patient/1"}))});
    knowledge.apply({change("2", 1, "a", facts_of({}, {"1"}))});
    EXPECT_FALSE(knows(knowledge, "a"));
    knowledge.apply({change("3", 1, "a", facts_of({"Organization/1"}))});
    EXPECT_TRUE(knows(knowledge, "a"));
    knowledge.apply({change("3", 2, "a", facts_of({"Patient/1"}))});
    EXPECT_FALSE(knows(knowledge, "a"));
}

TEST(Knowledge, ReadersKeepTheSetTheyTook) {
    Knowledge knowledge(validate::Profiles::r4());
    knowledge.apply({change("1", 1, "a")});
    std::atomic<bool> done{false};
    std::atomic<std::size_t> wrong{0}, reads{0};
    std::vector<std::thread> readers;
    for (int i = 0; i < 3; ++i) {
        readers.emplace_back([&] {
            while (!done) {
                const auto set = knowledge.current();
                const auto system = set->terms().code_system("http://x.example/cs");
                if (!system || (*system)->concepts().size() != 1) ++wrong;
                ++reads;
            }
        });
    }
    for (std::uint32_t version = 2; version < 200; ++version) knowledge.apply({change("1", version, "c" + std::to_string(version))});
    while (reads < 100) std::this_thread::yield();
    done = true;
    for (auto& reader : readers) reader.join();
    EXPECT_EQ(wrong, 0u);
    EXPECT_TRUE(knows(knowledge, "c199"));
}

TEST(Knowledge, WhatNobodyCouldUseIsNamed) {
    const auto issues = [](const char* text) { return rest::definition_issues(*json::parse(text)); };
    EXPECT_TRUE(issues(R"({"resourceType":"Patient"})").empty());
    EXPECT_TRUE(issues(R"({"resourceType":"StructureDefinition","kind":"logical","derivation":"specialization","url":"http://x.example/l","type":"L"})").empty());
    const auto bare = issues(R"({"resourceType":"StructureDefinition","kind":"resource","derivation":"constraint","url":"http://x.example/p","type":"Patient"})");
    ASSERT_EQ(bare.size(), 1u);
    EXPECT_EQ(bare[0].expression, "StructureDefinition.snapshot");
    EXPECT_NE(bare[0].diagnostics.find("snapshot"), std::string::npos);
    const auto inside = issues(R"({"resourceType":"Bundle","entry":[{},{"resource":{"resourceType":"ConceptMap","url":"http://x.example/m","group":[{"unmapped":{"mode":"fixed"}}]}}]})");
    ASSERT_EQ(inside.size(), 1u);
    EXPECT_NE(inside[0].diagnostics.find("cmd-2"), std::string::npos);
    EXPECT_EQ(issues(R"({"resourceType":"CodeSystem","url":"http://x.example/c","content":"complete","concept":[{"code":"a"},{"code":"a"}]})").size(), 1u);
    EXPECT_EQ(issues(R"({"resourceType":"ValueSet","url":"http://x.example/v","compose":{"include":[{}]}})").size(), 1u);
}

}  // namespace
