// What a crash keeps from the audit log is there after the next start, once.
#include "fhir/server/late_entries.hpp"

#include "fhir/server/instance.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include <stdlib.h>

namespace {

struct LateEntries : testing::Test {
    LateEntries() {
        std::string name = "/tmp/kedge-late-entries-XXXXXX";
        if (::mkdtemp(name.data()) == nullptr) std::abort();
        options.data_dir = name;
        options.offline = options.only_storage = true;
        EXPECT_TRUE(store::KeyRing::init(name, clock));
        open();
        EXPECT_TRUE(instance->keys->patient_key("p1", store::KeyUse::data));
    }
    ~LateEntries() override {
        instance.reset();
        std::filesystem::remove_all(options.data_dir);
    }
    void open() {
        instance.reset();
        auto opened = server::Instance::open(options);
        ASSERT_TRUE(opened) << opened.error().diagnostics;
        instance = std::move(*opened);
    }
    chain::Submission entry() const {
        chain::Submission out;
        out.content = R"({"resourceType":"AuditEvent","id":"e1"})";
        out.keys.id = "e1";
        out.keys.recorded_us = clock.now_us();
        return out;
    }
    base::SystemClock clock;
    server::InstanceOptions options;
    std::unique_ptr<server::Instance> instance;
};

TEST_F(LateEntries, OfADestroyedKeyComesAtTheNextStart) {
    ASSERT_TRUE(instance->keys->erase_patient("p1", false, entry().encode()));
    EXPECT_FALSE(instance->log->contains("e1").value());
    for (int start = 0; start < 2; ++start) {
        open();
        EXPECT_TRUE(instance->log->contains("e1").value());
        EXPECT_EQ(instance->log->size(), 1u);
        EXPECT_TRUE(instance->keys->owed().value().empty());
    }
}

TEST_F(LateEntries, WhatTheLogHasAlreadyIsNotSaidTwice) {
    const auto said = entry();
    ASSERT_TRUE(instance->keys->erase_patient("p1", false, said.encode()));
    ASSERT_TRUE(server::append_and_wait(*instance->log, said));
    open();
    EXPECT_EQ(instance->log->size(), 1u);
    EXPECT_TRUE(instance->keys->owed().value().empty());
}

TEST_F(LateEntries, WhatIsNoEntryIsRefusedAndKept) {
    ASSERT_TRUE(instance->keys->erase_patient("p1", false, base::as_bytes("no submission")));
    const auto told = server::settle_owed_entries(*instance->keys, *instance->log);
    ASSERT_FALSE(told);
    EXPECT_EQ(told.error().kind, base::Kind::corrupt);
    EXPECT_EQ(instance->keys->owed().value().size(), 1u);
}

TEST_F(LateEntries, WhatTheLogDoesNotTakeStaysOwed) {
    ASSERT_TRUE(instance->keys->erase_patient("p1", false, entry().encode()));
    ASSERT_TRUE(instance->log->drain());
    EXPECT_FALSE(server::settle_owed_entries(*instance->keys, *instance->log));
    EXPECT_EQ(instance->keys->owed().value().size(), 1u);
}

}  // namespace
