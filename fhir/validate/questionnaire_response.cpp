#include "fhir/terminology/membership.hpp"
#include "fhir/validate/coded.hpp"
#include "fhir/validate/contained.hpp"
#include "fhir/validate/enable_when.hpp"
#include "fhir/validate/profiles.hpp"
#include "fhir/validate/questionnaires.hpp"
#include "storage/base/json_members.hpp"

#include <algorithm>

namespace validate {
namespace {

bool is_true(const json::Value& value, std::string_view name) {
    const auto* member = value.find(name);
    const auto* flag = member == nullptr ? nullptr : member->if_bool();
    return flag != nullptr && *flag;
}
std::string quoted(std::string_view text) {
    return "'" + std::string(base::utf8_prefix(text, 64)) + "'";
}

// The types that answers to a question of this type have, as in "valueBoolean"; none: any.
std::vector<std::string_view> answer_types(std::string_view question) {
    constexpr std::pair<std::string_view, std::string_view> kOne[] = {
        {"boolean", "Boolean"}, {"decimal", "Decimal"}, {"integer", "Integer"}, {"date", "Date"},             {"dateTime", "DateTime"},   {"time", "Time"},
        {"string", "String"},   {"text", "String"},     {"url", "Uri"},         {"attachment", "Attachment"}, {"reference", "Reference"}, {"quantity", "Quantity"}};
    for (const auto& [name, type] : kOne) {
        if (name == question) return {type};
    }
    if (question == "choice" || question == "open-choice") return {"Coding", "String", "Integer", "Date", "Time", "Reference"};
    return {};
}

class Answers {
  public:
    Answers(const json::Value& questionnaire, const json::Value& root, const json::Value& response, const Options& options, Report& report)
        : questionnaire_(questionnaire), root_(root), options_(options), report_(report) {
        const auto status = response.text("status");
        done_ = status == "completed" || status == "amended";
        around_.push_back(&response);
    }

    // The items of `given` (the response, an item or an answer) against those of `asked`.
    void items(const json::Value& asked, const json::Value& given) {
        const auto &questions = list(asked, "item"), &all = list(given, "item");
        std::vector<std::vector<std::size_t>> places(questions.size());
        std::size_t last = 0;
        for (std::size_t i = 0; i < all.size(); ++i) {
            const auto link_id = all[i].text("linkId");
            if (link_id.empty()) continue;  // told as missing
            const auto found = std::find_if(questions.begin(), questions.end(), [&](const json::Value& q) { return q.text("linkId") == link_id; });
            if (found == questions.end()) {
                at(i, [&] { misplaced(link_id); });
                continue;
            }
            const auto place = static_cast<std::size_t>(found - questions.begin());
            if (place < last) at(i, [&] { report_.error("structure", "The questionnaire has the item " + quoted(link_id) + " before the one that stands above: items keep their order", "linkId"); });
            last = std::max(last, place);
            if (!list(all[i], "answer").empty() || !list(all[i], "item").empty()) places[place].push_back(i);
        }
        for (std::size_t q = 0; q < questions.size(); ++q) question(questions[q], all, places[q]);
    }

  private:
    template <class Do>
    void at(std::size_t i, const Do& run) {
        const Report::Step step(report_, "item");
        const Report::Step item(report_, i);
        run();
    }
    void misplaced(std::string_view link_id) {
        if (exists(questionnaire_, link_id)) report_.error("structure", "The questionnaire has the item " + quoted(link_id) + " in another place, not here", "linkId");
        else report_.error("not-found", "The questionnaire has no item with the linkId " + quoted(link_id), "linkId");
    }
    static bool exists(const json::Value& parent, std::string_view link_id) {
        const auto& all = list(parent, "item");
        return std::any_of(all.begin(), all.end(), [&](const json::Value& item) { return item.text("linkId") == link_id || exists(item, link_id); });
    }

    void question(const json::Value& asked, const json::Array& all, const std::vector<std::size_t>& places) {
        const auto state = enabled(asked, around_);
        const auto link_id = asked.text("linkId");
        if (places.empty()) {
            if (state != Enabled::yes || !is_true(asked, "required") || (!done_ && !options_.warnings)) return;
            return report_.add(done_ ? Severity::error : Severity::warning, "required", "The questionnaire requires an answer to " + quoted(link_id), "item");
        }
        if (places.size() > 1 && !is_true(asked, "repeats")) at(places[1], [&] { report_.error("structure", "The item " + quoted(link_id) + " does not repeat in the questionnaire", "linkId"); });
        for (const auto i : places) {
            at(i, [&] {
                if (state == Enabled::no) report_.error("invalid", "There is an answer although the questionnaire does not ask it here: the condition (enableWhen) of " + quoted(link_id) + " does not hold");
                around_.push_back(&all[i]);
                item(asked, all[i]);
                around_.pop_back();
            });
        }
    }

    void item(const json::Value& asked, const json::Value& given) {
        const auto type = asked.text("type"), text = given.text("text");
        if (!text.empty() && !asked.text("text").empty() && text != asked.text("text") && asked.find("_text") == nullptr) {
            report_.error("invalid", "The text of the item differs from the questionnaire's; it may be left out", "text");
        }
        const auto& answers = list(given, "answer");
        if (type == "group") {
            if (!answers.empty()) report_.error("structure", "A group has items, no answers", "answer");
            return items(asked, given);
        }
        if (!list(given, "item").empty()) {
            report_.error("structure", type == "display" ? "A text that is only displayed has no items" : "The items below a question stand in its answer (answer.item)", "item");
        }
        if (answers.size() > 1 && !is_true(asked, "repeats")) report_.error("structure", "The question takes one answer, there are " + std::to_string(answers.size()), "answer");
        for (std::size_t i = 0; i < answers.size(); ++i) {
            const Report::Step step(report_, "answer");
            const Report::Step number(report_, i);
            if (const auto value = typed(answers[i], "value")) answer(asked, type, value);
            items(asked, answers[i]);
        }
    }

    void answer(const json::Value& asked, std::string_view type, const Typed& value) {
        const auto types = answer_types(type);
        if (!types.empty() && std::find(types.begin(), types.end(), value.type) == types.end()) {
            return report_.error("structure", "The question is of the type " + std::string(type) + ": its answer is a value" + std::string(types.front()) + ", not a value" + std::string(value.type), "value");
        }
        const bool choice = type == "choice" || type == "open-choice";
        if (!choice || (type == "open-choice" && value.type == "String")) return;
        const auto& choices = list(asked, "answerOption");
        if (!choices.empty()) {
            const bool known = std::any_of(choices.begin(), choices.end(), [&](const json::Value& option) {
                const auto one = typed(option, "value");
                return one && same_answer(one, value);
            });
            if (!known) report_.error("code-invalid", "The answer is none of the options of the question", "value");
        } else if (const auto set = asked.text("answerValueSet"); !set.empty() && value.type == "Coding") {
            if (outside(*value.value, set)) report_.error("code-invalid", quoted(value.value->text("code")) + " is not in the value set " + std::string(set) + " that the question takes its answers from", "value");
        }
    }

    // Surely not in the value set; what nobody here can tell passes. A contained set is the questionnaire's, or of the resource around.
    bool outside(const json::Value& coding, std::string_view canonical) const {
        const auto& terms = known_profiles(options_).terms();
        if (coding.text("code").empty()) return false;
        if (!canonical.starts_with('#')) return in_value_set(terms, coding, canonical).held == terminology::Held::no;
        const auto* found = find_contained(questionnaire_, canonical.substr(1));
        if (found == nullptr) found = find_contained(root_, canonical.substr(1));
        const auto set = found == nullptr ? base::Result<terminology::ValueSet>(base::fail(base::Kind::not_found, "")) : terminology::ValueSet::parse(*found);
        if (!set) return false;
        const auto verdict = terminology::Membership(terms).in_set(*set, coding.text("system"), coding.text("code"));
        return verdict && verdict->held == terminology::Held::no;
    }

    const json::Value& questionnaire_;
    const json::Value& root_;
    const Options& options_;
    Report& report_;
    std::vector<const json::Value*> around_;
    bool done_ = false;  // else answers may still come
};

const json::Value* in_bundle(const Scope& scope, std::string_view canonical) {
    if (scope.bundle == nullptr) return nullptr;
    const auto url = canonical.substr(0, canonical.find('|'));
    for (const auto& [full_url, resource] : *scope.bundle) {
        if (resource->text("resourceType") == "Questionnaire" && (resource->text("url") == url || full_url == url)) return resource;
    }
    return nullptr;
}

}  // namespace

void check_response(const json::Value& response, const Scope& scope, const Options& options, Report& report) {
    const auto canonical = response.text("questionnaire");
    if (canonical.empty()) return;
    json::Value held;
    const json::Value* questionnaire = nullptr;
    if (canonical.starts_with('#')) {
        questionnaire = find_contained(*scope.root, canonical.substr(1));
        if (questionnaire == nullptr) return report.error("not-found", "No questionnaire is contained as " + std::string(base::utf8_prefix(canonical, 64)), "questionnaire");
        if (questionnaire->text("resourceType") != "Questionnaire") return report.error("value", "What is contained as " + std::string(base::utf8_prefix(canonical, 64)) + " is no Questionnaire", "questionnaire");
    } else if (questionnaire = in_bundle(scope, canonical); questionnaire == nullptr) {
        held = known_profiles(options).questionnaire(canonical);
        if (held.is_object()) questionnaire = &held;
    }
    if (questionnaire == nullptr) {
        if (options.warnings) report.warning("incomplete", "The questionnaire " + std::string(base::utf8_prefix(canonical, 256)) + " is not known here: the answers were not held against it", "questionnaire");
        return;
    }
    Answers(*questionnaire, *scope.root, response, options, report).items(*questionnaire, response);
}

}  // namespace validate
