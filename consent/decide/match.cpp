#include "consent/decide/match.hpp"

#include "consent/decide/vocabulary.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

namespace consent {
namespace {

using Strings = std::vector<std::string>;

bool contains(const Strings& list, std::string_view text) {
    return std::find(list.begin(), list.end(), text) != list.end();
}

bool intersect(const Strings& a, const Strings& b) {
    return std::any_of(a.begin(), a.end(), [&](const std::string& text) { return contains(b, text); });
}

bool denies(const Rule& rule) {
    return rule.effect == Effect::deny;
}

bool actor_matches(const Rule& rule, const Requester& requester) {
    // A rule for everyone means everyone who works with records, not every other patient: those must be named.
    if (rule.actors.empty()) return denies(rule) || requester.role != Role::patient;
    return contains(rule.actors, requester.subject) || (!requester.organization.empty() && contains(rule.actors, requester.organization)) ||
           intersect(rule.actors, requester.also);
}

bool purpose_matches(const Rule& rule, const Requester& requester) {
    if (rule.purposes.empty()) return true;
    if (denies(rule)) {
        if (requester.purposes.empty()) return true;
        return std::any_of(requester.purposes.begin(), requester.purposes.end(), [&](const std::string& asked) {
            return std::any_of(rule.purposes.begin(), rule.purposes.end(),
                               [&](const std::string& denied) { return purpose_denied(denied, asked); });
        });
    }
    // The data may be used for each purpose that the token declares, so each must be granted.
    return !requester.purposes.empty() && std::all_of(requester.purposes.begin(), requester.purposes.end(), [&](const std::string& asked) {
        return std::any_of(rule.purposes.begin(), rule.purposes.end(),
                           [&](const std::string& granted) { return purpose_granted(granted, asked); });
    });
}

bool action_matches(const Rule& rule, const Ask& ask) {
    if (rule.actions.empty()) return denies(rule) || !ask.by_name;
    switch (ask.need) {
        case Need::collect:
            return contains(rule.actions, "collect");
        case Need::correct:
            return contains(rule.actions, "correct");
        case Need::access:
            break;
    }
    if (contains(rule.actions, "access")) return true;
    return denies(rule) && (contains(rule.actions, "use") || contains(rule.actions, "disclose"));
}

bool class_matches(const Rule& rule, const Facts& facts) {
    if (rule.types.empty() && rule.profiles.empty()) return true;
    return contains(rule.types, facts.type) || intersect(rule.profiles, facts.profiles);
}

// The labels of a resource: its high-water mark, and whether anyone has labelled it at all.
struct Labels {
    std::optional<int> confidentiality;
    bool sensitivity = false;
};

std::optional<std::string_view> code_of(std::string_view label, std::string_view system) {
    if (label.size() <= system.size() || label.substr(0, system.size()) != system || label[system.size()] != '|') return std::nullopt;
    return label.substr(system.size() + 1);
}

Labels labels_of(const Facts& facts) {
    Labels labels;
    for (const auto& label : facts.labels) {
        if (const auto code = code_of(label, kConfidentiality)) {
            const int level = confidentiality_level(*code).value_or(kVeryRestricted);
            labels.confidentiality = std::max(labels.confidentiality.value_or(0), level);
        } else if (const auto sensitive = code_of(label, kActCode)) {
            labels.sensitivity = labels.sensitivity || is_sensitivity(*sensitive);
        }
    }
    return labels;
}

bool sensitivity_matches(const Rule& rule, const Facts& facts) {
    for (const auto& label : facts.labels) {
        const auto code = code_of(label, kActCode);
        if (!code) continue;
        for (const auto& wanted : rule.sensitivities) {
            if (sensitivity_within(*code, wanted)) return true;
            // Labelled more widely than the rule ("substance use", where alcohol use is denied): it may be that.
            if (denies(rule) && sensitivity_within(wanted, *code)) return true;
        }
    }
    return false;
}

bool label_matches(const Rule& rule, const Facts& facts) {
    if (!rule.confidentiality && rule.sensitivities.empty()) return true;
    const Labels labels = labels_of(facts);
    // R4 says that a label takes in everything "or lower". That is right for a permit and absurd for a deny, which takes everything
    // from its level on. What nobody labelled counts as restricted, and as possibly sensitive, until it is labelled.
    const int level = labels.confidentiality.value_or(kRestricted);
    if (rule.confidentiality && (denies(rule) ? level >= *rule.confidentiality : level <= *rule.confidentiality)) return true;
    if (denies(rule) && !rule.sensitivities.empty() && !labels.confidentiality && !labels.sensitivity) return true;
    return sensitivity_matches(rule, facts);
}

bool time_matches(const Rule& rule, const Facts& facts) {
    if (!rule.data_period) return true;
    if (!facts.has_clinical_time) return denies(rule);
    const base::Period& period = *rule.data_period;
    if (facts.clinical_low >= period.high) return false;
    // The clinical time is [low, high); one that only touches the period is in doubt, so a deny takes it and a permit does not.
    if (denies(rule)) return facts.clinical_high >= period.low;
    return facts.clinical_high > period.low || (facts.clinical_low == facts.clinical_high && facts.clinical_low >= period.low);
}

bool data_matches(const Rule& rule, const Facts& facts) {
    if (rule.data.empty()) return true;
    const std::string self = facts.type + "/" + facts.id;
    return std::any_of(rule.data.begin(), rule.data.end(), [&](const DataReference& data) {
        switch (data.meaning) {
            case DataReference::Meaning::instance:
                return data.reference == self;
            case DataReference::Meaning::referring:
                return data.reference == self || contains(facts.references, data.reference);
            case DataReference::Meaning::authored_by:
                break;
        }
        if (contains(facts.authors, data.reference)) return true;
        return denies(rule) && (data.reference == facts.owner_org || (facts.authors.empty() && facts.owner_org.empty()));
    });
}

// Nested provisions are exceptions to the whole consent, each with its own type and filters: IHE PCF nests "permit break-glass,
// restricted" below "permit treatment, normal", which a walk that only enters a matching parent never reaches.
std::optional<Effect> exception(const std::vector<Rule>& nested, const Ask& ask) {
    std::optional<Effect> found;
    for (const Rule& rule : nested) {
        auto effect = exception(rule.nested, ask);
        if (!effect && rule.in_force(ask.now) && who_and_why_match(rule, ask) && what_matches(rule, ask)) effect = rule.effect;
        if (!effect) continue;
        if (*effect == Effect::deny) return effect;
        found = effect;
    }
    return found;
}

bool professional(const Requester& requester) {
    return requester.role == Role::practitioner || requester.role == Role::system;
}

bool for_every_purpose(const Requester& requester, std::string_view purpose) {
    return !requester.purposes.empty() && std::all_of(requester.purposes.begin(), requester.purposes.end(),
                                                      [&](const std::string& asked) { return purpose_granted(purpose, asked); });
}

// What the base policy gives a request about which the rules are silent. Silence never denies: another consent may still permit.
Answer by_policy(BasePolicy base, const Ask& ask) {
    bool permits = false;
    if (!ask.by_name) {
        switch (base) {
            case BasePolicy::basic_normal:
                permits = ask.requester.role == Role::practitioner && for_every_purpose(ask.requester, "TREAT");
                break;
            case BasePolicy::break_glass_only:
                permits = ask.requester.role == Role::practitioner && for_every_purpose(ask.requester, "BTG");
                break;
            case BasePolicy::all_normal:
            case BasePolicy::opt_out:
                permits = professional(ask.requester) && !ask.requester.purposes.empty();
                break;
            case BasePolicy::unknown:
            case BasePolicy::opt_in:
            case BasePolicy::dissent:
            case BasePolicy::deny_all:
                break;
        }
    }
    return permits ? Answer::permit : Answer::omit;
}

}  // namespace

bool who_and_why_match(const Rule& rule, const Ask& ask) {
    return actor_matches(rule, ask.requester) && purpose_matches(rule, ask.requester) && action_matches(rule, ask);
}

bool what_matches(const Rule& rule, const Ask& ask) {
    return class_matches(rule, ask.facts) && (rule.codes.empty() || intersect(rule.codes, ask.facts.codes)) &&
           label_matches(rule, ask.facts) && time_matches(rule, ask.facts) && data_matches(rule, ask.facts);
}

Answer evaluate(const Rule& root, const Ask& ask) {
    if (const auto effect = exception(root.nested, ask)) return *effect == Effect::deny ? Answer::deny : Answer::permit;
    const bool who = who_and_why_match(root, ask);
    const bool what = what_matches(root, ask);
    switch (root.effect) {
        case Effect::deny:
            return who && what ? Answer::deny : by_policy(root.base, ask);
        case Effect::by_policy:
            if (who && what && by_policy(root.base, ask) == Answer::permit) return Answer::permit;
            // "Deny for all use, except ...": what the patient agreed to is itself a denial.
            return root.base == BasePolicy::break_glass_only ? Answer::deny : Answer::omit;
        case Effect::permit:
            break;
    }
    if (!who) return by_policy(root.base, ask);
    // A permit with a filter on the data means nothing but that data (IHE PCF, notes of its advanced examples).
    return what ? Answer::permit : Answer::omit;
}

}  // namespace consent
