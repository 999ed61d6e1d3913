// The public cases of fhirpath.js (HL7), as far as they are for R4 or for no model at all. What kedge answers otherwise stands in
// exceptions.hpp, each with its reason; an exception that is none any more fails too.
#include "fhir/fhirpath/fhirpath.hpp"
#include "tests/fhir/fhirpath/exceptions.hpp"
#include "tests/fhir/fhirpath/yaml.hpp"
#include "tests/support/test_data.hpp"

#include <cmath>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

namespace {

std::string read_file(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::stringstream out;
    out << in.rdbuf();
    return out.str();
}

struct Case {
    std::string file, expression;
    const json::Object* fields;
    const json::Value* subject;
};

struct Tally {
    int passed = 0, skipped = 0;
    std::vector<std::string> failures;
    std::set<std::string> used_exceptions;
};

bool near(const json::Number& a, const json::Number& b) {
    const double x = std::stod(a.text), y = std::stod(b.text);
    return x == y || std::abs(x - y) <= 1e-12 * std::max(std::abs(x), std::abs(y));
}

bool same(const json::Value& wanted, const json::Value& got) {
    if (wanted.is_number() && got.is_number()) return near(*wanted.if_number(), *got.if_number());
    if (wanted.is_string() && got.is_number()) return *wanted.if_string() == got.if_number()->text;  // a Long is a string in their results
    if (const auto* a = wanted.if_array(), *b = got.if_array(); a != nullptr && b != nullptr) {
        if (a->size() != b->size()) return false;
        for (std::size_t i = 0; i < a->size(); ++i) {
            if (!same((*a)[i], (*b)[i])) return false;
        }
        return true;
    }
    if (const auto* a = wanted.if_object(), *b = got.if_object(); a != nullptr && b != nullptr) {
        if (a->size() != b->size()) return false;
        for (const auto& [name, value] : *a) {
            if (b->find(name) == nullptr || !same(value, *b->find(name))) return false;
        }
        return true;
    }
    return wanted == got;
}

class Cases : public testing::Test {
  protected:
    const json::Value* resource(const std::string& name) {
        auto [found, fresh] = resources_.try_emplace(name);
        if (fresh) {
            const auto data = support::test_data("fhirpath/fhirpath.js-resources-r4");
            auto parsed = json::parse(read_file(*data.path / name));
            if (parsed) found->second = std::move(*parsed);
        }
        return found->second.is_null() ? nullptr : &found->second;
    }

    // What the expression gives, or "error: ...".
    static std::string outcome(const Case& one, const json::Value& input, bool typed, bool strict, std::vector<json::Value>& values) {
        const auto compiled = fhirpath::compile(one.expression);
        if (!compiled) return "error: " + compiled.error().diagnostics;
        fhirpath::Environment environment;
        environment.resource = &input;
        environment.strict = strict;
        environment.now_us = 1'600'000'000'000'000;
        environment.conforms_to = [](const fhirpath::Node& node, std::string_view profile) -> base::Result<bool> {
            const auto type = profile.substr(profile.rfind('/') + 1);
            if (fhirpath::node_type(type) == nullptr && type != "Person") return base::fail(base::Kind::invalid, "no such profile");
            return node.type != nullptr && node.type->code == type;
        };
        if (const auto* given = one.fields->find("variables"); given != nullptr && given->is_object()) {
            for (const auto& [name, value] : *given->if_object()) {
                auto& slot = environment.variables[name];
                if (value.is_array())
                    for (const auto& item : *value.if_array()) slot.push_back(item);
                else
                    slot.push_back(value);
            }
        }
        auto focus = typed ? fhirpath::resource_node(input) : fhirpath::Node{&input, nullptr, nullptr};
        const auto result = fhirpath::evaluate(*compiled, focus, environment);
        if (!result) return "error: " + result.error().diagnostics;
        for (std::size_t i = 0; i < result->size(); ++i) {
            if (auto value = result->value(i); !value.is_null()) values.push_back(std::move(value));
        }
        return json::write(json::Array(values));
    }

    void run(const Case& one) {
        const auto* off = one.fields->find("disable");
        const bool switched_off = off != nullptr && off->is_bool() && *off->if_bool();  // by its authors; tried all the same
        const auto key = one.file + ": " + one.expression + (switched_off ? " [off]" : "") +
                         (switched_off && one.fields->find("error") != nullptr ? " [error]" : "");
        const auto* excepted = exceptions().find(key);
        const auto problem = judge(one);
        if (problem == "skip") {
            tally_.skipped += 1;
        } else if (excepted != nullptr) {
            tally_.used_exceptions.insert(key);
            if (problem.empty()) tally_.failures.push_back(key + "\n    is no exception any more");
        } else if (problem.empty()) {
            tally_.passed += 1;
        } else {
            tally_.failures.push_back(key + "\n    " + problem);
        }
    }

    std::string judge(const Case& one) {
        const auto* model = one.fields->find("model");
        const bool r4 = model != nullptr && model->is_string() && *model->if_string() == "r4";
        if ((model != nullptr && !model->is_null() && !r4) || one.fields->find("context") != nullptr) return "skip";
        const json::Value* input = one.subject;
        if (const auto* file = one.fields->find("inputfile")) input = resource(*file->if_string());
        static const json::Value kNothing{json::Object{}};
        if (input == nullptr && one.fields->find("inputfile") != nullptr) return "skip";
        if (input == nullptr) input = &kNothing;
        std::vector<json::Value> values;
        const auto* error = one.fields->find("error");
        // HL7 wants some errors only where an expression is checked against the definitions.
        const auto got = outcome(one, *input, r4, r4 && error != nullptr, values);
        if (error != nullptr && error->is_bool()) return got.starts_with("error") ? "" : "an error is wanted, got " + got;
        const auto* wanted = one.fields->find("result");
        json::Array list;
        if (wanted != nullptr && wanted->is_array())
            list = *wanted->if_array();
        else if (wanted != nullptr && !wanted->is_null())
            list.push_back(*wanted);
        if (got.starts_with("error")) return (error != nullptr ? "" : "wanted " + json::write(list) + ", got " + got);
        return same(json::Value(list), json::Value(json::Array(values))) ? "" : "wanted " + json::write(list) + ", got " + got;
    }

    void walk(const json::Value& tests, const std::string& file, const json::Value* subject) {
        const auto* list = tests.if_array();
        if (list == nullptr) return;
        for (const auto& test : *list) {
            const auto* fields = test.if_object();
            if (fields == nullptr) continue;
            for (const auto& [name, value] : *fields) {
                if (name.starts_with("group")) walk(value, file, subject);
            }
            const auto* expression = fields->find("expression");
            if (expression == nullptr) continue;
            if (const auto* text = expression->if_string()) run({file, *text, fields, subject});
            if (const auto* several = expression->if_array()) {
                for (const auto& text : *several) run({file, *text.if_string(), fields, subject});
            }
            if (!expression->is_string() && !expression->is_array()) {
                if (expression->is_object())
                    tally_.skipped += 1;
                else
                    run({file, json::write(*expression), fields, subject});
            }
        }
    }

    std::map<std::string, json::Value> resources_;
    Tally tally_;
};

TEST_F(Cases, OfFhirpathJs) {
    const auto data = support::test_data("fhirpath/fhirpath.js-cases");
    if (!data.path) GTEST_SKIP() << data.skip;
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(*data.path)) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    for (const auto& path : files) {
        const auto name = path.filename().string();
        if (excluded_files().contains(name)) continue;
        const auto parsed = support::parse_yaml(read_file(path));
        ASSERT_TRUE(parsed) << name << ": " << parsed.error().diagnostics;
        const auto* tests = parsed->find("tests");
        ASSERT_NE(tests, nullptr) << name;
        walk(*tests, name, parsed->find("subject"));
    }
    std::string report;
    for (const auto& failure : tally_.failures) report += failure + "\n";
    EXPECT_TRUE(tally_.failures.empty()) << tally_.failures.size() << " cases:\n" << report;
    for (const auto& [key, reason] : exceptions()) EXPECT_TRUE(tally_.used_exceptions.contains(key)) << "no such case: " << key;
    std::cout << tally_.passed << " cases hold, " << tally_.used_exceptions.size() << " are exceptions, " << tally_.skipped
              << " are for other models\n";
    EXPECT_GE(tally_.passed, kFloor);
}

}  // namespace
