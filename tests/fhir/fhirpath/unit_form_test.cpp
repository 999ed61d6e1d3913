// What is a UCUM code, what only looks like one, and what is none.
#include "fhir/fhirpath/unit_form.hpp"

#include "tests/support/files.hpp"
#include "tests/support/test_data.hpp"

#include <regex>

#include <gtest/gtest.h>

namespace {

using fhirpath::unit_form;
using fhirpath::UnitForm;

void all_are(UnitForm wanted, std::initializer_list<const char*> codes) {
    for (const auto* code : codes) EXPECT_EQ(static_cast<int>(unit_form(code)), static_cast<int>(wanted)) << code;
}

TEST(UnitForm, CodesThatRecordsUse) {
    all_are(UnitForm::known, {"mg", "mg/dL", "mmol/L", "10*3/uL", "10^9/L", "10*-3", "/min", "{beats}/min", "mm[Hg]", "Cel", "[degF]", "%", "%{Hb}", "{score}", "1", "100", "kg/m2", "m[iU]/mL",
                              "[iU]/L", "U/L", "/[HPF]", "{cells}/[HPF]", "mL/min/{1.73_m2}", "ug/kg/h", "(ug/kg)/h", "g.m/s2", "m-2", "m+2", "dB", "B[10.nV]", "[pH]", "[in_i'Hg]", "cm[H2O]", "[oz_av]",
                              "a", "mo", "wk", "d", "h", "min", "s", "[CFU]/mL", "nmol/min/mg{protein}", "{Größe}", "KiBy", "[m/s2/Hz^(1/2)]", "10{tablets}", "{}"});
}

TEST(UnitForm, SymbolsThatUcumHasNot) {
    all_are(UnitForm::unknown_symbol, {"tablets", "mcg", "mmHg", "Tablet/d", "kmin", "k%", "xyz", "mg/foo", "lbs", "IUs", "c[in_i]", "1x"});
}

TEST(UnitForm, WhatIsNoCodeAtAll) {
    all_are(UnitForm::malformed, {"", "/", "mg/", "mg//dL", "mg..dL", ".mg", "mg.", "mm Hg", " mg", "mg ", "µg", "°C", "mg/(dL", "mg)", "()", "{open", "open}", "{a{b}}", "[in_i", "in_i]", "m[[iU]]", "mg\n"});
    EXPECT_EQ(unit_form(std::string(100, '(') + "m" + std::string(100, ')')), UnitForm::malformed);
    EXPECT_EQ(unit_form(std::string(5000, 'm')), UnitForm::malformed);
}

// Every unit of UCUM's own tables, alone and, where it is metric, with a prefix.
TEST(UnitForm, AllOfUcum) {
    const auto data = support::test_data("ucum/ucum-essence.xml");
    if (!data.path) GTEST_SKIP() << data.skip;
    const auto text = support::read_file(*data.path);
    const std::regex unit("<(unit|base-unit) Code=\"([^\"]+)\"[^>]*>");
    std::size_t units = 0, metric = 0;
    for (std::sregex_iterator at(text.begin(), text.end(), unit), end; at != end; ++at) {
        const auto code = std::regex_replace((*at)[2].str(), std::regex("&apos;"), "'");
        EXPECT_EQ(static_cast<int>(unit_form(code)), static_cast<int>(UnitForm::known)) << code;
        ++units;
        if ((*at)[1] != "base-unit" && (*at)[0].str().find("isMetric=\"yes\"") == std::string::npos) continue;
        EXPECT_EQ(static_cast<int>(unit_form("m" + code)), static_cast<int>(UnitForm::known)) << "m" << code;
        ++metric;
    }
    EXPECT_GE(units, 310u);
    EXPECT_GE(metric, 96u);
}

}  // namespace
