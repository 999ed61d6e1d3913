#include "fhir/definitions/definitions.hpp"
#include "fhir/definitions/rules.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <fstream>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace {

using namespace definitions;

TEST(ResourceTypes, AreTheConcreteOnesOfR4) {
    EXPECT_EQ(resource_types().size(), 146u);
    EXPECT_TRUE(std::is_sorted(resource_types().begin(), resource_types().end()));
    for (const auto type : resource_types()) EXPECT_TRUE(is_resource_type(type)) << type;
    for (const auto* no :
         {"", "patient", "Resource", "DomainResource", "HumanName", "Project", "JsonWebKey", "User", "SubscriptionStatus"}) {
        EXPECT_FALSE(is_resource_type(no)) << no;
    }
}

TEST(SearchParameters, AllOfR4AndNoneOfMedplum) {
    std::set<std::string_view> urls;
    std::size_t rows = 0, with_expression = 0;
    for (const auto* base : {"Resource", "DomainResource"}) {
        for (const auto& p : search_parameters(base)) urls.insert(p.url), ++rows, with_expression += !p.expression.empty();
    }
    for (const auto type : resource_types()) {
        for (const auto& p : search_parameters(type)) urls.insert(p.url), ++rows, with_expression += !p.expression.empty();
    }
    EXPECT_EQ(rows, 1706u);
    EXPECT_EQ(with_expression, 1703u);
    EXPECT_EQ(urls.size(), 1375u);
    for (const auto url : urls) EXPECT_TRUE(url.starts_with("http://hl7.org/fhir/SearchParameter/")) << url;
}

TEST(SearchParameters, KnowTypeTargetsAndExpression) {
    const auto* subject = search_parameter("Observation", "subject");
    ASSERT_NE(subject, nullptr);
    EXPECT_EQ(subject->type, ParameterType::reference);
    EXPECT_EQ(subject->expression, "Observation.subject");
    const std::vector<std::string_view> targets(subject->targets.begin(), subject->targets.end());
    EXPECT_EQ(targets, (std::vector<std::string_view>{"Device", "Group", "Location", "Patient"}));
    ASSERT_NE(search_parameter("Patient", "birthdate"), nullptr);
    EXPECT_EQ(search_parameter("Patient", "birthdate")->type, ParameterType::date);
    EXPECT_EQ(search_parameter("Observation", "code-value-quantity")->type, ParameterType::composite);
    EXPECT_EQ(search_parameter("Location", "near")->type, ParameterType::special);
}

TEST(SearchParameters, AreInheritedFromResource) {
    ASSERT_NE(search_parameter("Patient", "_lastUpdated"), nullptr);
    EXPECT_EQ(search_parameter("Patient", "_lastUpdated")->type, ParameterType::date);
    EXPECT_NE(search_parameter("", "_id"), nullptr);
    EXPECT_NE(search_parameter("Patient", "_text"), nullptr);
    EXPECT_EQ(search_parameter("Binary", "_text"), nullptr);
    EXPECT_EQ(search_parameter("Patient", "subject"), nullptr);
    EXPECT_EQ(search_parameter("", "identifier"), nullptr);
    EXPECT_EQ(search_parameter("NoSuchType", "_id"), nullptr);
    EXPECT_TRUE(search_parameters("NoSuchType").empty());
}

TEST(Compartments, AllFive) {
    const std::pair<const char*, std::size_t> expected[] = {
        {"Patient", 66}, {"Practitioner", 59}, {"RelatedPerson", 32}, {"Device", 32}, {"Encounter", 25}};
    for (const auto& [compartment, members] : expected) {
        std::size_t found = 0;
        for (const auto type : resource_types()) {
            const auto codes = compartment_parameters(compartment, type);
            found += !codes.empty();
            for (const auto code : codes) {
                if (code == "{def}") continue;
                EXPECT_NE(search_parameter(type, code), nullptr) << compartment << ' ' << type << ' ' << code;
            }
        }
        EXPECT_EQ(found, members) << compartment;
    }
    const auto observation = compartment_parameters("Patient", "Observation");
    EXPECT_EQ(std::vector<std::string_view>(observation.begin(), observation.end()),
              (std::vector<std::string_view>{"subject", "performer"}));
    EXPECT_TRUE(compartment_parameters("Patient", "Organization").empty());
    EXPECT_TRUE(compartment_parameters("Group", "Observation").empty());
}

// The tables are constants of the program: the first use must not build anything.
TEST(Tables, AreThereAtOnce) {
    const auto start = std::chrono::steady_clock::now();
    std::size_t found = 0;
    for (const auto type : resource_types()) found += search_parameter(type, "_id") != nullptr;
    EXPECT_EQ(found, 146u);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(50));
}

// Reading every row costs page faults and no more: well under the 50 ms and 40 MB that R4's model may take.
TEST(Tables, CostLittleMemoryAndTime) {
    const auto resident_kb = [] {
        std::ifstream in("/proc/self/statm");
        std::size_t total = 0, resident = 0;
        in >> total >> resident;
        return resident * 4;
    };
    const auto before = resident_kb();
    const auto began = std::clock();
    std::size_t read = 0;
    for (const auto type : resource_types()) {
        for (const auto& element : group(type)->elements) {
            const auto* set = rules(element).value_set;
            for (std::size_t i = 0; set != nullptr && i < set->codes.size(); ++i) read += set->codes[i].code.size();
            read += element.name.size() + rules(element).targets.size();
        }
        for (const auto& parameter : search_parameters(type)) read += parameter.expression.size();
    }
    EXPECT_GT(read, 10'000u);
    const double took_ms = 1e3 * static_cast<double>(std::clock() - began) / CLOCKS_PER_SEC;
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    EXPECT_LT(took_ms, 50);
    EXPECT_LT(resident_kb() - before, 40'000u);
#endif
    RecordProperty("took_us", static_cast<int>(1e3 * took_ms));
}

}  // namespace
