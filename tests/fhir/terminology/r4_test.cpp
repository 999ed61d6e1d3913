// R4's own terminology: all of it parses, and every value set whose systems are R4's own expands.
#include <chrono>
#include <cstdio>

#include <gtest/gtest.h>

#include "fhir/terminology/expand.hpp"

namespace {

using namespace terminology;

TEST(R4, EveryResourceParses) {
    const auto library = Library::r4();
    std::size_t concepts = 0, elements = 0;
    for (const auto& entry : library->all(Type::code_system)) {
        const auto system = entry->code_system();
        ASSERT_TRUE(system.has_value()) << entry->url() << ": " << system.error().diagnostics;
        concepts += (*system)->concepts().size();
    }
    for (const auto& entry : library->all(Type::value_set)) {
        const auto set = entry->value_set();
        ASSERT_TRUE(set.has_value()) << entry->url() << ": " << set.error().diagnostics;
    }
    for (const auto& entry : library->all(Type::concept_map)) {
        const auto map = entry->concept_map();
        ASSERT_TRUE(map.has_value()) << entry->url() << ": " << map.error().diagnostics;
        for (const auto& group : (*map)->groups) elements += group.elements.size();
    }
    EXPECT_EQ(library->all(Type::code_system).size(), 1062u);
    EXPECT_EQ(library->all(Type::value_set).size(), 1316u);
    EXPECT_EQ(library->all(Type::concept_map).size(), 19u);
    std::printf("%zu concepts, %zu map elements\n", concepts, elements);
}

// What does not expand draws on systems that R4 only names (SNOMED CT, LOINC, UCUM ...), and says so.
TEST(R4, ValueSetsExpand) {
    const auto library = Library::r4();
    std::size_t expanded = 0, codes = 0, foreign = 0;
    const auto begun = std::chrono::steady_clock::now();
    for (const auto& entry : library->all(Type::value_set)) {
        const auto set = entry->value_set();
        ASSERT_TRUE(set.has_value());
        const auto expansion = expand_codes(*library, **set, {});
        if (expansion) {
            ++expanded;
            codes += expansion->items.size();
            continue;
        }
        ++foreign;
        std::printf("%s: %s\n", entry->url().c_str(), expansion.error().diagnostics.c_str());
    }
    const auto ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begun).count();
    std::printf("%zu value sets expand to %zu codes, %zu draw on others, %.0f ms\n", expanded, codes, foreign, ms);
}

}  // namespace
