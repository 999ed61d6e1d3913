#include "fhir/validate/enable_when.hpp"

#include "fhir/fhirpath/decimal.hpp"
#include "storage/base/json_members.hpp"

#include <algorithm>
#include <optional>

namespace validate {
namespace {

// Answers to the question, also below other answers; true when an item of it stands there at all.
bool collect(const json::Value& parent, std::string_view link_id, std::vector<Typed>& out) {
    bool found = false;
    for (const auto& item : list(parent, "item")) {
        const bool asked = item.text("linkId") == link_id;
        found = found || asked;
        for (const auto& answer : list(item, "answer")) {
            if (asked) {
                if (const auto value = typed(answer, "value")) out.push_back(value);
            }
            found = collect(answer, link_id, out) || found;
        }
        found = collect(item, link_id, out) || found;
    }
    return found;
}

// Less than 0, 0, more than 0; nothing when the two cannot be ordered here.
std::optional<int> order(const Typed& a, const Typed& b) {
    if (a.type != b.type) return std::nullopt;
    if (a.type == "Quantity") {
        const auto *left = a.value->find("value"), *right = b.value->find("value");
        const bool same_unit = a.value->text("code") == b.value->text("code") && a.value->text("system") == b.value->text("system") && a.value->text("unit") == b.value->text("unit");
        if (left == nullptr || right == nullptr || !same_unit) return std::nullopt;
        return order({"Decimal", left}, {"Decimal", right});
    }
    if (const auto *left = a.value->if_number(), *right = b.value->if_number(); left != nullptr && right != nullptr) {
        const auto x = fhirpath::Decimal::parse(left->text), y = fhirpath::Decimal::parse(right->text);
        return x && y ? std::optional(x->compare(*y)) : std::nullopt;
    }
    const auto *left = a.value->if_string(), *right = b.value->if_string();
    const bool moment = a.type == "Date" || a.type == "Time" || a.type == "String";
    if (left == nullptr || right == nullptr || !moment || (a.type != "String" && left->size() != right->size())) return std::nullopt;
    return left->compare(*right);
}

Enabled sure(bool yes) {
    return yes ? Enabled::yes : Enabled::no;
}

Enabled compare(std::string_view sign, const Typed& wanted, const std::vector<Typed>& answers) {
    if (answers.empty()) return Enabled::no;
    const bool equality = sign == "=" || sign == "!=";
    Enabled out = Enabled::no;
    for (const auto& answer : answers) {
        if (equality) {
            if (same_answer(answer, wanted) == (sign == "=")) out = Enabled::yes;
            continue;
        }
        const auto by = order(answer, wanted);
        if (!by) return Enabled::unknown;
        if (sign == ">" ? *by > 0 : sign == "<" ? *by < 0 : sign == ">=" ? *by >= 0 : *by <= 0) out = Enabled::yes;
    }
    // "none is equal" and "one is not equal" are both read out of R4 where there are several answers.
    if (sign == "!=" && answers.size() > 1) return Enabled::unknown;
    if (equality && wanted.type == "Quantity" && out == Enabled::no) return Enabled::unknown;
    return out;
}

Enabled holds(const json::Value& condition, const std::vector<const json::Value*>& around) {
    const auto wanted = typed(condition, "answer");
    const auto sign = condition.text("operator");
    if (!wanted || sign.empty()) return Enabled::unknown;
    std::vector<Typed> answers;
    for (auto at = around.rbegin(); at != around.rend(); ++at) {
        if (collect(**at, condition.text("question"), answers)) break;
    }
    if (sign != "exists") return compare(sign, wanted, answers);
    const auto* expected = wanted.value->if_bool();
    return expected == nullptr ? Enabled::unknown : sure(*expected == !answers.empty());
}

bool has_expression(const json::Value& asked) {
    const auto& extensions = list(asked, "extension");
    return std::any_of(extensions.begin(), extensions.end(), [](const json::Value& e) { return e.text("url").find("enableWhenExpression") != std::string_view::npos; });
}

}  // namespace

Typed typed(const json::Value& of, std::string_view prefix) {
    const auto* object = of.if_object();
    if (object == nullptr) return {};
    for (const auto& [name, value] : *object) {
        if (name.size() > prefix.size() && name.starts_with(prefix) && name[prefix.size()] >= 'A' && name[prefix.size()] <= 'Z') return {std::string_view(name).substr(prefix.size()), &value};
    }
    return {};
}

bool same_answer(const Typed& a, const Typed& b) {
    if (a.type != b.type) return false;
    if (a.type == "Coding") return a.value->text("code") == b.value->text("code") && a.value->text("system") == b.value->text("system");
    if (a.type == "Reference") return a.value->text("reference") == b.value->text("reference");
    if (const auto by = order(a, b)) return *by == 0;
    return *a.value == *b.value;
}

Enabled enabled(const json::Value& asked, const std::vector<const json::Value*>& around) {
    if (has_expression(asked)) return Enabled::unknown;
    const auto& conditions = list(asked, "enableWhen");
    if (conditions.empty()) return Enabled::yes;
    const auto behavior = asked.text("enableBehavior");
    if (conditions.size() > 1 && behavior.empty()) return Enabled::unknown;  // que-12 tells
    const bool all = behavior == "all" || conditions.size() == 1;
    bool unsure = false;
    for (const auto& condition : conditions) {
        const auto one = holds(condition, around);
        if (one == sure(!all)) return one;
        unsure = unsure || one == Enabled::unknown;
    }
    return unsure ? Enabled::unknown : sure(all);
}

}  // namespace validate
