// https://hl7.org/fhir/R4/http.html#patch: the types a patch may have, alone and in a Bundle, and what becomes of a narrative.
#include "fhir/rest/patching.hpp"

#include "fhir/rest/negotiate.hpp"
#include "storage/base/encoding.hpp"

#include <gtest/gtest.h>

namespace rest {
namespace {

TEST(PatchMediaType, ThoseOfR4AndNoOther) {
    for (const auto& type : patch::kMediaTypes) {
        const auto read = patch_media_type(std::string(type.essence) + "; charset=UTF-8; fhirVersion=4.0");
        ASSERT_TRUE(read) << type.essence;
        EXPECT_EQ((*read)->form, type.form);
    }
    for (const auto* wrong : {"", "nonsense", "application/json", "application/merge-patch+json", "application/xml",
                              "application/json-patch+json; charset=latin1", "application/fhir+json; fhirVersion=3.0"}) {
        const auto read = patch_media_type(wrong);
        ASSERT_FALSE(read) << wrong;
        EXPECT_EQ(read.error().kind, base::Kind::unsupported_media);
        EXPECT_TRUE(read.error().diagnostics.ends_with(patch::accepted_media_types())) << read.error().diagnostics;
    }
}

TEST(PatchMediaType, IsNegotiatedAlsoInABundle) {
    for (const bool entry : {false, true}) {
        http::Request request;
        request.method = "PATCH";
        request.headers = {{"Content-Type", "application/xml-patch+xml"}};
        Attempt good(request, 0);
        good.entry_of_bundle = entry;
        EXPECT_TRUE(negotiate(good));
        request.headers = {{"Content-Type", "text/plain"}};
        Attempt bad(request, 0);
        bad.entry_of_bundle = entry;
        EXPECT_EQ(negotiate(bad).error().kind, base::Kind::unsupported_media);
    }
}

std::string entry_error(std::string_view resource) {
    const auto read = patch_of_entry(*json::parse(resource), {});
    return read ? "none" : std::string(base::to_string(read.error().kind)) + ": " + read.error().diagnostics;
}

TEST(PatchOfEntry, ParametersOrBinary) {
    EXPECT_EQ(entry_error(R"({"resourceType":"Parameters"})"), "none");
    const auto binary = [](std::string_view type, std::string_view text) {
        return R"({"resourceType":"Binary","contentType":")" + std::string(type) + R"(","data":")" + base::to_base64(base::as_bytes(text)) +
               R"("})";
    };
    EXPECT_EQ(entry_error(binary("application/json-patch+json", "[]")), "none");
    EXPECT_EQ(entry_error(binary("application/xml-patch+xml", "<diff/>")), "none");
    EXPECT_EQ(entry_error(binary("application/fhir+xml", R"(<Parameters xmlns=\"http://hl7.org/fhir\"/>)")).substr(0, 7), "invalid");
    EXPECT_EQ(entry_error(binary("application/json-patch+json", "{}")), "invalid: a JSON Patch is an array of operations");
    EXPECT_EQ(entry_error(binary("text/plain", "[]")).substr(0, 17), "unsupported-media");
    EXPECT_EQ(entry_error(R"({"resourceType":"Binary","contentType":"application/json-patch+json","data":"*"})"),
              "invalid: the Binary's data is no base64");
    EXPECT_EQ(entry_error(R"({"resourceType":"Patient"})"), "invalid: PATCH takes a Parameters resource, or a Binary that holds the patch");
}

// What is left of the patched resource, or the error.
std::string safe(std::string_view before, std::string_view after) {
    auto patched = *json::parse(after);
    const auto done = keep_narrative_safe(*json::parse(before), patched);
    return done ? json::write(patched) : std::string(base::to_string(done.error().kind));
}

TEST(Narrative, DoesNotOutliveTheDataItTellsOf) {
    const auto resource = [](std::string_view status, std::string_view rest) {
        return R"({"resourceType":"Patient","text":{"status":")" + std::string(status) + R"(","div":"<div>female</div>"},)" +
               std::string(rest) + "}";
    };
    const auto before = R"("gender":"female")", after = R"("gender":"male")";
    EXPECT_EQ(safe(resource("generated", before), resource("generated", after)), R"({"resourceType":"Patient","gender":"male"})");
    EXPECT_EQ(safe(resource("extensions", before), resource("extensions", after)), R"({"resourceType":"Patient","gender":"male"})");
    EXPECT_EQ(safe(resource("additional", before), resource("additional", after)), "unprocessable");
    EXPECT_EQ(safe(resource("empty", before), resource("empty", after)), resource("empty", after));
    // A narrative that came with the patch, and changes that no narrative tells of.
    EXPECT_EQ(safe(resource("additional", before), resource("generated", after)), resource("generated", after));
    const auto tagged = R"("gender":"female","meta":{"tag":[{"code":"c"}]})";
    EXPECT_EQ(safe(resource("additional", before), resource("additional", tagged)), resource("additional", tagged));
    EXPECT_EQ(safe(R"({"resourceType":"Patient"})", R"({"resourceType":"Patient","active":true})"),
              R"({"resourceType":"Patient","active":true})");
}

}  // namespace
}  // namespace rest
