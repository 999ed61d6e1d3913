#include "fhir/server/served_url.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include <stdlib.h>

namespace {

using base::Kind;

struct ServedUrl : testing::Test {
    ServedUrl() {
        std::string name = "/tmp/kedge-served-url-XXXXXX";
        if (::mkdtemp(name.data()) == nullptr) std::abort();
        dir = name;
    }
    ~ServedUrl() override { std::filesystem::remove_all(dir); }
    std::string dir;
};

TEST_F(ServedUrl, TheLastOneCounts) {
    EXPECT_EQ(server::served_url(dir, "http://otherwise/fhir").value(), "http://otherwise/fhir");
    for (const char* url : {"http://a/fhir", "http://a/fhir", "https://b.example.org/r4"}) {
        ASSERT_TRUE(server::remember_served_url(dir, url));
        EXPECT_EQ(server::served_url(dir, "http://otherwise/fhir").value(), url);
    }
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(dir), {}), 1) << "nothing else is left there";
}

TEST_F(ServedUrl, WhatIsNoUrlIsRefusedUntilTheNextStartWritesIt) {
    for (const char* content : {"ftp://a/fhir\n", "\n", ""}) {
        std::ofstream(dir + "/served-url") << content;
        const auto read = server::served_url(dir, "http://otherwise/fhir");
        ASSERT_FALSE(read);
        EXPECT_EQ(read.error().kind, Kind::corrupt);
        EXPECT_NE(read.error().diagnostics.find(dir + "/served-url"), std::string::npos) << read.error().diagnostics;
    }
    ASSERT_TRUE(server::remember_served_url(dir, "http://a/fhir"));
    EXPECT_EQ(server::served_url(dir, "").value(), "http://a/fhir");
}

TEST_F(ServedUrl, FailuresNameTheFile) {
    std::filesystem::create_directory(dir + "/served-url");
    const auto read = server::served_url(dir, "");
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().kind, Kind::fault);
    const auto kept = server::remember_served_url(dir, "http://a/fhir");
    ASSERT_FALSE(kept);
    EXPECT_EQ(kept.error().kind, Kind::fault);
    EXPECT_NE(kept.error().diagnostics.find("served-url"), std::string::npos);
    EXPECT_EQ(server::remember_served_url(dir + "/absent", "http://a/fhir").error().kind, Kind::fault);
}

}  // namespace
