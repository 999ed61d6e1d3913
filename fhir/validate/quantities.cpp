#include "fhir/validate/quantities.hpp"

#include "fhir/fhirpath/unit_form.hpp"
#include "fhir/fhirpath/units.hpp"
#include "fhir/terminology/grammar.hpp"
#include "fhir/validate/primitives.hpp"

#include <algorithm>
#include <charconv>

namespace validate {
namespace {

std::string_view text_of(const json::Object& object, std::string_view name) {
    const auto* member = object.find(name);
    const auto* text = member == nullptr ? nullptr : member->if_string();
    return text == nullptr ? std::string_view{} : std::string_view(*text);
}

// What people write for what UCUM writes otherwise.
std::string_view meant(std::string_view unit) {
    constexpr std::pair<std::string_view, std::string_view> kMeant[] = {
        {"mmHg", "mm[Hg]"}, {"mm Hg", "mm[Hg]"}, {"mcg", "ug"},     {"µg", "ug"},      {"μg", "ug"},        {"cc", "mL"},       {"IU", "[IU]"},    {"iu", "[IU]"},
        {"bpm", "/min"},    {"°C", "Cel"},       {"C°", "Cel"},     {"°F", "[degF]"},  {"inch", "[in_i]"},  {"inches", "[in_i]"}, {"in", "[in_i]"}, {"ft", "[ft_i]"},
        {"lb", "[lb_av]"},  {"lbs", "[lb_av]"},  {"oz", "[oz_av]"}, {"sec", "s"},      {"mins", "min"},     {"hr", "h"},        {"hrs", "h"},      {"hour", "h"},
        {"hours", "h"},     {"day", "d"},        {"days", "d"},     {"week", "wk"},    {"weeks", "wk"},     {"month", "mo"},    {"months", "mo"},  {"year", "a"},
        {"years", "a"},     {"yr", "a"},         {"percent", "%"},  {"gm", "g"},       {"kgs", "kg"},       {"ppm", "[ppm]"},   {"pH", "[pH]"},    {"mL/min/1.73m2", "mL/min/{1.73_m2}"}};
    const auto* at = std::find_if(std::begin(kMeant), std::end(kMeant), [&](const auto& row) { return row.first == unit; });
    return at == std::end(kMeant) ? std::string_view{} : at->second;
}

// Age, Duration and Distance are bound to units of time and of length at most (R4: the maximum value sets all-time-units and
// all-distance-units), and UCUM says which those are.
std::string_view base_unit_of(const definitions::Group& group) {
    if (group.name == "Age" || group.name == "Duration") return "s";
    return group.name == "Distance" ? "m" : std::string_view{};
}

void check_unit(std::string_view code, const definitions::Group& group, const Options& options, Report& report) {
    const auto form = fhirpath::unit_form(code);
    const auto shown = "'" + std::string(base::utf8_prefix(code, 64)) + "'";
    const auto better = form == fhirpath::UnitForm::known ? std::string_view{} : meant(code);
    const auto hint = better.empty() ? std::string{} : "; did you mean '" + std::string(better) + "'?";
    if (form == fhirpath::UnitForm::malformed) {
        report.error("code-invalid", shown + " is no UCUM unit" + (hint.empty() ? ": units are joined by . and /, words for people stand in { }" : hint), "code");
    } else if (form == fhirpath::UnitForm::unknown_symbol) {
        if (options.warnings) report.warning("code-invalid", "UCUM has no unit " + shown + (hint.empty() ? "; what is counted goes in braces: {tablets}" : hint), "code");
    } else if (const auto base = base_unit_of(group); !base.empty()) {
        const auto unit = fhirpath::parse_unit(code);
        const bool fits = !unit || (unit->dimensions.size() == 1 && unit->dimensions[0] == std::pair<std::string_view, int>(base, 1));
        if (!fits) report.error("code-invalid", "The unit of a " + std::string(group.name) + " is one of " + (base == "s" ? "time" : "length") + ", not " + shown, "code");
    }
}

bool is_point(std::string_view token) {
    if (token == "E" || token == "U" || token == "L") return true;
    double value = 0;
    const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), value);
    return error == std::errc() && end == token.data() + token.size() && token.find_first_of("infaINFA") == std::string_view::npos;
}

struct Points {
    std::size_t count = 0;
    bool below = false, above = false;
    std::string wrong;  // the first that is no point
};
Points read_points(std::string_view data) {
    Points out;
    while (!data.empty()) {
        const auto end = std::min(data.find_first_of(" \t\r\n"), data.size());
        const auto token = data.substr(0, end);
        data.remove_prefix(std::min(end + 1, data.size()));
        if (token.empty()) continue;
        ++out.count;
        out.below = out.below || token == "L";
        out.above = out.above || token == "U";
        if (out.wrong.empty() && !is_point(token)) out.wrong = "point " + std::to_string(out.count);
    }
    return out;
}

}  // namespace

void check_quantity(const json::Object& object, const definitions::Group& group, const Spot* spot, const Options& options, Report& report) {
    static const definitions::Group* const kQuantities[] = {definitions::group("Quantity"), definitions::group("Age"), definitions::group("Count"),
                                                            definitions::group("Distance"), definitions::group("Duration")};
    if (std::find(std::begin(kQuantities), std::end(kQuantities), &group) == std::end(kQuantities)) return;
    if (object.find("comparator") != nullptr && spot != nullptr && spot->element != nullptr && definitions::rules(*spot->element).simple_quantity) {
        report.error("invariant", "sqty-1: The comparator is not used on a SimpleQuantity", "comparator");
    }
    const auto* code = object.find("code");
    if (code == nullptr) return;
    if (object.find("system") == nullptr) return report.error("invariant", "qty-3: If a code for the unit is present, the system SHALL also be present", "system");
    const auto* text = code->if_string();
    if (text != nullptr && !text->empty() && text_of(object, "system") == terminology::kUcum) check_unit(*text, group, options, report);
}

void check_sampled_data(const json::Value& value, const Options& options, Report& report) {
    const auto data = value.text("data");
    if (data.empty()) return;
    const auto points = read_points(data);
    if (!points.wrong.empty()) return report.error("value", "Sampled data are decimal numbers, E, U or L with a blank between them; " + points.wrong + " is none", "data");
    if (!options.warnings) return;
    const auto* member = value.find("dimensions");
    const auto* number = member == nullptr ? nullptr : member->if_number();
    std::size_t dimensions = 0;
    if (number != nullptr) std::from_chars(number->text.data(), number->text.data() + number->text.size(), dimensions);
    if (dimensions > 1 && points.count % dimensions != 0) {
        report.warning("value", std::to_string(points.count) + " points do not fill " + std::to_string(dimensions) + " dimensions", "data");
    }
    if (points.below && value.find("lowerLimit") == nullptr) report.warning("value", "A point is L, below the lower limit of detection: the limit should be given", "lowerLimit");
    if (points.above && value.find("upperLimit") == nullptr) report.warning("value", "A point is U, above the upper limit of detection: the limit should be given", "upperLimit");
}

}  // namespace validate
