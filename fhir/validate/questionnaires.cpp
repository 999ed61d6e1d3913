#include "fhir/validate/questionnaires.hpp"
#include "storage/base/json_members.hpp"

#include <algorithm>
#include <vector>

namespace validate {
namespace {

const json::Value* find_below(const json::Value& parent, std::string_view link_id) {
    for (const auto& item : list(parent, "item")) {
        if (item.text("linkId") == link_id) return &item;
        if (const auto* found = find_below(item, link_id)) return found;
    }
    return nullptr;
}

class Conditions {
  public:
    Conditions(const json::Value& questionnaire, const Options& options, Report& report) : whole_(questionnaire), options_(options), report_(report) {}

    void items(const json::Value& parent) {
        const auto& all = list(parent, "item");
        for (std::size_t i = 0; i < all.size(); ++i) {
            const Report::Step step(report_, "item");
            const Report::Step number(report_, i);
            const auto& conditions = list(all[i], "enableWhen");
            passed_.push_back(&all[i]);
            for (std::size_t c = 0; c < conditions.size(); ++c) {
                const Report::Step when(report_, "enableWhen");
                const Report::Step condition(report_, c);
                check(all[i], conditions[c].text("question"));
            }
            items(all[i]);
        }
    }

  private:
    void check(const json::Value& item, std::string_view question) {
        if (question.empty()) return;  // told as missing
        const auto shown = "'" + std::string(base::utf8_prefix(question, 64)) + "'";
        const auto* target = find_below(whole_, question);
        if (target == nullptr) return report_.error("not-found", "The questionnaire has no item with the linkId " + shown, "question");
        if (target == &item) return report_.error("invalid", "An item cannot depend on its own answer", "question");
        if (find_below(item, question) != nullptr) return report_.error("invalid", "An item cannot depend on an item inside it", "question");
        const bool before = std::find(passed_.begin(), passed_.end(), target) != passed_.end();
        if (!before && options_.warnings) report_.warning("invalid", "The question " + shown + " comes after the item that depends on it", "question");
    }

    const json::Value& whole_;
    const Options& options_;
    Report& report_;
    std::vector<const json::Value*> passed_;  // items in their order, up to the one that is looked at
};

}  // namespace

void check_questionnaire(const json::Value& questionnaire, const Options& options, Report& report) {
    Conditions(questionnaire, options, report).items(questionnaire);
}

}  // namespace validate
