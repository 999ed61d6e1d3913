#include "fhir/terminology/grammar.hpp"

#include <algorithm>

#include "fhir/fhirpath/unit_form.hpp"

namespace terminology {
namespace {

// ISO 4217 alphabetic codes, active ones and those that were withdrawn since 1978: old invoices stay valid. Sorted.
constexpr std::string_view kCurrencyCodes =
    "ADP AED AFA AFN ALL AMD ANG AOA AOK AON AOR ARS ATS AUD AWG AZM AZN BAM BBD BDT BEF BGL BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYB BYN BYR "
    "BZD CAD CDF CHE CHF CHW CLF CLP CNY COP COU CRC CSD CUC CUP CVE CYP CZK DEM DJF DKK DOP DZD ECS EEK EGP ERN ESP ETB EUR FIM FJD FKP FRF "
    "GBP GEL GHC GHS GIP GMD GNF GRD GTQ GWP GYD HKD HNL HRK HTG HUF IDR IEP ILS INR IQD IRR ISK ITL JMD JOD JPY KES KGS KHR KMF KPW KRW KWD "
    "KYD KZT LAK LBP LKR LRD LSL LTL LUF LVL LYD MAD MDL MGA MGF MKD MMK MNT MOP MRO MRU MTL MUR MVR MWK MXN MXV MYR MZM MZN NAD NGN NIO NLG "
    "NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PTE PYG QAR ROL RON RSD RUB RUR RWF SAR SBD SCR SDD SDG SEK SGD SHP SIT SKK SLE SLL SOS SRD SRG "
    "SSP STD STN SVC SYP SZL THB TJS TMM TMT TND TOP TPE TRL TRY TTD TWD TZS UAH UGX USD USN USS UYI UYU UYW UZS VEB VED VEF VES VND VUV WST "
    "XAF XAG XAU XBA XBB XBC XBD XCD XDR XOF XPD XPF XPT XSU XTS XUA XXX YER YUM ZAR ZMK ZMW ZWD ZWL ZWR";

bool token_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || std::string_view("!#$&-^_.+*").find(c) != std::string_view::npos;
}

// R4's short names for its own formats (http.html#parameters), or type/subtype, then parameters that are not looked into.
bool is_media_type(std::string_view text) {
    if (text == "json" || text == "xml" || text == "ttl") return true;
    text = text.substr(0, text.find(';'));
    while (text.ends_with(' ')) text.remove_suffix(1);
    const auto slash = text.find('/');
    if (slash == std::string_view::npos || slash == 0 || slash + 1 == text.size()) return false;
    const auto type = text.substr(0, slash), subtype = text.substr(slash + 1);
    return std::all_of(type.begin(), type.end(), token_character) && std::all_of(subtype.begin(), subtype.end(), token_character);
}

bool is_currency(std::string_view code) {
    if (code.size() != 3) return false;
    const auto at = kCurrencyCodes.find(code);
    return at != std::string_view::npos && at % 4 == 0;
}

// RFC 5646 section 2.1, by shape: a primary language of 2 or 3 letters (or i-, x-), then subtags of 1 to 8 letters and digits. The RFC
// leaves room for languages of 4 to 8 letters, but IANA's registry has none: "english" is a mistake.
bool is_language(std::string_view text) {
    bool first = true;
    while (true) {
        const auto part = text.substr(0, text.find('-'));
        const bool letters = std::all_of(part.begin(), part.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
        const bool word = std::all_of(part.begin(), part.end(), token_character) && part.find_first_of("!#$&^_.+*") == std::string_view::npos;
        if (part.empty() || part.size() > 8 || !word) return false;
        const bool grandfathered = part == "i" || part == "x" || part == "I" || part == "X";
        if (first && !grandfathered && (!letters || part.size() == 1 || part.size() > 3)) return false;
        if (first && grandfathered && part.size() == text.size()) return false;
        first = false;
        if (part.size() == text.size()) return true;
        text.remove_prefix(part.size() + 1);
    }
}

}  // namespace

bool has_grammar(std::string_view system) {
    return system == kUcum || system == kMediaTypes || system == kLanguages || system == kCurrencies;
}

Held follows_grammar(std::string_view system, std::string_view code) {
    const auto held = [](bool yes) { return yes ? Held::yes : Held::no; };
    if (system == kMediaTypes) return held(is_media_type(code));
    if (system == kCurrencies) return held(is_currency(code));
    if (system == kLanguages) return held(is_language(code));
    if (system != kUcum) return Held::unknown;
    // A new symbol may have come with a newer UCUM; what is no UCUM expression at all will never be one.
    const auto form = fhirpath::unit_form(code);
    return form == fhirpath::UnitForm::unknown_symbol ? Held::unknown : held(form == fhirpath::UnitForm::known);
}

}  // namespace terminology
