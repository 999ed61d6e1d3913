#include "consent/decide/vocabulary.hpp"

#include <algorithm>
#include <array>

namespace consent {
namespace {

struct Child {
    std::string_view code, parent;
};

// v3-ActReason below PurposeOfUse, sorted by code; the roots (HMARKT, TREAT ...) have no line.
constexpr std::array kPurposes{
    Child{"BIORCH", "HRESCH"},      Child{"BTG", "ETREAT"},           Child{"CAREMGT", "HOPERAT"},
    Child{"CLINTRCH", "HRESCH"},    Child{"CLINTRCHNPC", "CLINTRCH"}, Child{"CLINTRCHPC", "CLINTRCH"},
    Child{"CLINTRL", "TREAT"},      Child{"CLMATTCH", "HPAYMT"},      Child{"COC", "TREAT"},
    Child{"COVAUTH", "HPAYMT"},     Child{"COVERAGE", "HPAYMT"},      Child{"DISASTER", "PUBHLTH"},
    Child{"DONAT", "HOPERAT"},      Child{"DSRCH", "HRESCH"},         Child{"ELIGDTRM", "COVERAGE"},
    Child{"ELIGVER", "COVERAGE"},   Child{"ENROLLM", "COVERAGE"},     Child{"ERTREAT", "ETREAT"},
    Child{"ETREAT", "TREAT"},       Child{"FAMRQT", "PATRQT"},        Child{"FRAUD", "HOPERAT"},
    Child{"GOV", "HOPERAT"},        Child{"HACCRED", "HOPERAT"},      Child{"HCOMPL", "HOPERAT"},
    Child{"HDECD", "HOPERAT"},      Child{"HDIRECT", "HOPERAT"},      Child{"HDM", "HOPERAT"},
    Child{"HLEGAL", "HOPERAT"},     Child{"HOUTCOMS", "HOPERAT"},     Child{"HPRGRP", "HOPERAT"},
    Child{"HQUALIMP", "HOPERAT"},   Child{"HSYSADMIN", "HOPERAT"},    Child{"HTEST", "SYSDEV"},
    Child{"LABELING", "HSYSADMIN"}, Child{"MEMADMIN", "HOPERAT"},     Child{"METAMGT", "HSYSADMIN"},
    Child{"MILCDM", "HOPERAT"},     Child{"MILDCRG", "COVERAGE"},     Child{"PATADMIN", "HOPERAT"},
    Child{"PATSFTY", "HOPERAT"},    Child{"PERFMSR", "HOPERAT"},      Child{"POARCH", "HRESCH"},
    Child{"POPHLTH", "TREAT"},      Child{"PRECLINTRCH", "CLINTRCH"}, Child{"PWATRNY", "PATRQT"},
    Child{"RECORDMGT", "HOPERAT"},  Child{"REMITADV", "HPAYMT"},      Child{"SUPNWK", "PATRQT"},
    Child{"SYSDEV", "HOPERAT"},     Child{"THREAT", "PUBHLTH"},       Child{"TRAIN", "HOPERAT"},
    Child{"TRANSRCH", "HRESCH"},
};

// v3-ActCode below _InformationSensitivityPolicy, sorted by code. ETHUD and OPIOIDUD stand below SUD there; IHE PCF lists
// them below ETH. Both parents are kept, so that a rule for either finds them.
constexpr std::array kSensitivities{
    Child{"ADOL", ""},        Child{"B", ""},      Child{"BH", "SPI"},  Child{"CEL", ""},   Child{"COGN", "BH"},
    Child{"DEMO", ""},        Child{"DIA", ""},    Child{"DOB", ""},    Child{"DRGIS", ""}, Child{"DVD", "BH"},
    Child{"EMOTDIS", "BH"},   Child{"EMP", ""},    Child{"EMPL", ""},   Child{"ETH", ""},   Child{"ETHUD", "ETH"},
    Child{"ETHUD", "SUD"},    Child{"GDIS", ""},   Child{"GENDER", ""}, Child{"HIV", ""},   Child{"LIVARG", ""},
    Child{"LOCIS", ""},       Child{"MARST", ""},  Child{"MH", "SPI"},  Child{"MST", ""},   Child{"OPIOIDUD", "ETH"},
    Child{"OPIOIDUD", "SUD"}, Child{"PDS", ""},    Child{"PHY", ""},    Child{"PRS", ""},   Child{"PSY", "SPI"},
    Child{"PSYTHPN", "SPI"},  Child{"RACE", ""},   Child{"REL", ""},    Child{"SCA", ""},   Child{"SDV", ""},
    Child{"SEX", ""},         Child{"SICKLE", ""}, Child{"SPI", ""},    Child{"SSP", ""},   Child{"STD", ""},
    Child{"SUD", "SPI"},      Child{"TBOO", ""},   Child{"VIO", ""},
};

constexpr auto by_code = [](const Child& a, const Child& b) { return a.code < b.code; };
static_assert(std::is_sorted(kPurposes.begin(), kPurposes.end(), by_code));
static_assert(std::is_sorted(kSensitivities.begin(), kSensitivities.end(), by_code));

template <class Table>
bool within(const Table& table, std::string_view code, std::string_view ancestor) {
    if (code == ancestor) return true;
    const auto [first, last] = std::equal_range(table.begin(), table.end(), Child{code, ""}, by_code);
    return std::any_of(first, last, [&](const Child& child) { return !child.parent.empty() && within(table, child.parent, ancestor); });
}

// Tokens may carry the system with the code; inside, v3-ActReason goes without.
std::string_view plain(std::string_view purpose) {
    if (purpose.size() > kActReason.size() && purpose.substr(0, kActReason.size()) == kActReason && purpose[kActReason.size()] == '|') {
        return purpose.substr(kActReason.size() + 1);
    }
    return purpose;
}

std::string_view foreign_system(std::string_view purpose) {
    const auto bar = purpose.rfind('|');
    return bar == std::string_view::npos ? std::string_view{} : purpose.substr(0, bar);
}

}  // namespace

bool is_purpose(std::string_view code) {
    constexpr std::array<std::string_view, 7> kRoots{"HMARKT", "HOPERAT", "HPAYMT", "HRESCH", "PATRQT", "PUBHLTH", "TREAT"};
    return std::find(kRoots.begin(), kRoots.end(), code) != kRoots.end() ||
           std::binary_search(kPurposes.begin(), kPurposes.end(), Child{code, ""}, by_code);
}

bool purpose_within(std::string_view purpose, std::string_view ancestor) {
    return within(kPurposes, plain(purpose), plain(ancestor));
}

bool purpose_granted(std::string_view granted, std::string_view asked) {
    if (plain(asked) == "BTG") return plain(granted) == "BTG";
    return purpose_within(asked, granted);
}

bool purpose_denied(std::string_view denied, std::string_view asked) {
    denied = plain(denied);
    asked = plain(asked);
    if (purpose_within(asked, denied)) return true;
    if (!foreign_system(denied).empty()) return foreign_system(denied) == foreign_system(asked);
    // Asked more widely than denied ("research", where clinical trials are denied): the request may be for what is denied.
    return !purpose_within(denied, "ETREAT") && purpose_within(denied, asked);
}

std::optional<int> confidentiality_level(std::string_view code) {
    constexpr std::string_view kLevels = "ULMNRV";
    if (code.size() != 1 || kLevels.find(code[0]) == std::string_view::npos) return std::nullopt;
    return static_cast<int>(kLevels.find(code[0]));
}

bool is_sensitivity(std::string_view code) {
    return std::binary_search(kSensitivities.begin(), kSensitivities.end(), Child{code, ""}, by_code);
}

bool sensitivity_within(std::string_view code, std::string_view ancestor) {
    return within(kSensitivities, code, ancestor);
}

}  // namespace consent
