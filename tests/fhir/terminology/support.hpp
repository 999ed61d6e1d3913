// A small zoo, and asking operations about it.
#pragma once

#include <string>

#include <gtest/gtest.h>

#include "fhir/terminology/operations.hpp"

namespace terminology_test {

using namespace terminology;

inline json::Value parsed(std::string_view text) {
    auto out = json::parse(text);
    EXPECT_TRUE(out.has_value()) << text;
    return out ? std::move(*out) : json::Value();
}

// animal > cat > lion, animal > dog; a retired code, one for grouping alone, a property.
inline constexpr std::string_view kZoo = R"({"resourceType":"CodeSystem","url":"http://x.example/zoo","version":"1","name":"Zoo","status":"active","content":"complete",
 "property":[{"code":"legs","type":"integer"}],
 "concept":[{"code":"animal","display":"Animal","property":[{"code":"notSelectable","valueBoolean":true}],"concept":[
   {"code":"cat","display":"Cat","definition":"Purrs.","designation":[{"language":"de","value":"Katze"}],"property":[{"code":"legs","valueInteger":4}],
    "concept":[{"code":"lion","display":"Lion"}]},
   {"code":"dog","display":"Dog","property":[{"code":"legs","valueInteger":4}]},
   {"code":"dodo","display":"Dodo","property":[{"code":"legs","valueInteger":2},{"code":"status","valueCode":"retired"}]}]}]})";

class Zoo : public testing::Test {
  protected:
    void SetUp() override { add(kZoo); }

    void add(std::string_view resource) {
        const auto added = library_.add(parsed(resource));
        ASSERT_TRUE(added.has_value()) << added.error().diagnostics;
    }
    // {"include":[...]} as a value set of this name.
    void add_set(const std::string& name, const std::string& compose) {
        add(R"({"resourceType":"ValueSet","url":"http://x.example/)" + name + R"(","status":"active","compose":)" + compose + "}");
    }

    // "ValueSet/$expand?url=...&count=2"
    base::Result<json::Value> ask(std::string_view question, const json::Value* instance = nullptr) {
        const auto slash = question.find("/$"), mark = question.find('?');
        std::vector<Argument> given;
        auto rest = mark == std::string_view::npos ? std::string_view() : question.substr(mark + 1);
        while (!rest.empty()) {
            const auto part = rest.substr(0, rest.find('&'));
            given.push_back({std::string(part.substr(0, part.find('='))), std::string(part.substr(part.find('=') + 1)), false});
            rest.remove_prefix(std::min(rest.size(), part.size() + 1));
        }
        return ask(question.substr(0, slash), question.substr(slash + 2, mark - slash - 2), std::move(given), instance);
    }
    base::Result<json::Value> ask(std::string_view type, std::string_view name, std::vector<Argument> given, const json::Value* instance = nullptr) {
        const auto* operation = find_operation(type, name);
        EXPECT_NE(operation, nullptr) << name;
        const auto arguments = Arguments::make(*operation, std::move(given));
        if (!arguments) return base::pass(arguments);
        auto out = answer(*operation, {library_, *arguments, instance, "urn:uuid:1", "2020-01-01T00:00:00Z"});
        if (!out) return base::pass(out);
        return std::move(out->resource);
    }
    // The codes of an expansion, in their order, nested ones in brackets.
    std::string codes(std::string_view question) {
        const auto out = ask(question);
        return out ? codes_of(*out->find("expansion")) : "error: " + out.error().diagnostics;
    }
    static std::string codes_of(const json::Value& around) {
        std::string out;
        const auto* contains = around.find("contains");
        for (const auto& one : contains == nullptr ? json::Array{} : *contains->if_array()) {
            out += (out.empty() ? "" : " ") + std::string(one.text("code"));
            if (one.find("contains")) out += "[" + codes_of(one) + "]";
        }
        return out;
    }
    // A part of answered Parameters, as text.
    static std::string part(const json::Value& parameters, std::string_view name) {
        const auto* list = parameters.find("parameter");
        for (const auto& one : list == nullptr ? json::Array{} : *list->if_array()) {
            if (one.text("name") != name) continue;
            for (const auto& [member, value] : *one.if_object()) {
                if (member.starts_with("value") || member == "part") return value.is_string() ? *value.if_string() : json::write(value);
            }
        }
        return {};
    }
    std::string asked(std::string_view question, std::string_view name) {
        const auto out = ask(question);
        return out ? part(*out, name) : "error: " + out.error().diagnostics;
    }
    void expect_refused(std::string_view question, base::Kind kind, std::string_view says) {
        const auto out = ask(question);
        ASSERT_FALSE(out.has_value()) << question << " -> " << json::write(*out);
        EXPECT_EQ(out.error().kind, kind) << out.error().diagnostics;
        EXPECT_NE(out.error().diagnostics.find(says), std::string::npos) << out.error().diagnostics;
    }

    Library library_;
};

}  // namespace terminology_test
