// https://hl7.org/fhir/R4/search.html#summary and #elements: what is asked for, and what is refused.
#include "fhir/rest/summary.hpp"

#include <gtest/gtest.h>

namespace rest {
namespace {

using Form = codec::Subset::Form;

TEST(Summary, EachForm) {
    for (const auto& [word, form] :
         {std::pair{"true", Form::summary}, {"text", Form::text}, {"data", Form::data}, {"false", Form::whole}, {"count", Form::whole}}) {
        const auto shape = shape_of({{"_summary", word}}, "Patient", false);
        ASSERT_TRUE(shape) << word;
        EXPECT_EQ(shape->subset.form, form) << word;
        EXPECT_EQ(shape->count, std::string_view(word) == "count");
    }
    EXPECT_EQ(shape_of({}, "Patient", false)->subset.form, Form::whole);
    EXPECT_EQ(shape_of({{"_summary", ""}, {"_elements", ""}}, "Patient", false)->subset.form, Form::whole);
    const auto some = shape_of({{"_elements", "name,deceased,birthDate"}}, "Patient", false);
    ASSERT_TRUE(some);
    EXPECT_EQ(some->subset.form, Form::elements);
    EXPECT_EQ(some->subset.elements, (std::vector<std::string>{"name", "deceased", "birthDate"}));
}

TEST(Summary, Refusals) {
    const auto kind = [](const http::Query& query, std::string_view type, bool lenient = false) {
        const auto shape = shape_of(query, type, lenient);
        return shape ? std::string("taken") : shape.error().kind == base::Kind::invalid ? shape.error().expression.at(0) : std::string("?");
    };
    EXPECT_EQ(kind({{"_summary", "maybe"}}, "Patient"), "_summary");
    EXPECT_EQ(kind({{"_summary", "true"}, {"_summary", "text"}}, "Patient"), "_summary");
    EXPECT_EQ(kind({{"_elements", "colour"}}, "Patient"), "_elements");
    EXPECT_EQ(kind({{"_elements", "colour"}}, "Patient", true), "taken");
    EXPECT_EQ(kind({{"_elements", "colour"}}, ""), "taken");
    EXPECT_EQ(kind({{"_elements", "name"}, {"_summary", "data"}}, "Patient"), "_elements");
    EXPECT_EQ(kind({{"_elements", "name"}, {"_summary", "count"}}, "Patient"), "_elements");
    EXPECT_EQ(kind({{"_elements", "name"}, {"_summary", "false"}}, "Patient"), "taken");
    EXPECT_FALSE(shape_of_one("_summary=count", "Patient", false));
    EXPECT_TRUE(shape_of_one("_summary=true", "Patient", false));
}

TEST(Summary, WithoutAShapeTheBytesAreNotTouched) {
    EXPECT_EQ(*shaped("{ not even JSON", Shape{}), "{ not even JSON");
    EXPECT_EQ(shaped("{ not even JSON", {{Form::data, {}}, false}).error().kind, base::Kind::corrupt);
    EXPECT_NE(shaped(R"({"resourceType":"Patient","text":{"status":"empty"}})", {{Form::data, {}}, false})->find("SUBSETTED"),
              std::string::npos);
}

}  // namespace
}  // namespace rest
