#include "consent/decide/vocabulary.hpp"
#include "consent/policy/reading.hpp"

#include <algorithm>
#include <array>

namespace consent {
namespace {

bool one_of(std::string_view text, std::initializer_list<std::string_view> set) {
    return std::find(set.begin(), set.end(), text) != set.end();
}

std::string at(const std::string& place, std::size_t i) {
    return place + "[" + std::to_string(i) + "]";
}

bool permits(const Rule& rule) {
    return rule.effect != Effect::deny;
}

// R4 lets the role say how the actor is involved in the data, too (author, custodian). Only the recipients are understood.
void read_actor(Reading& reading, const json::Value& value, const std::string& place, Rule& rule) {
    const auto* actor = reading.object(value, place, {"role", "reference"});
    if (!actor) return;
    const json::Value* role = actor->find("role");
    const json::Value* who = actor->find("reference");
    if (!role || !who) return reading.doubt(place, "has no role or no reference");
    const auto codings = reading.codings(*role, place + ".role");
    const bool recipient = std::any_of(codings.begin(), codings.end(), [](const Coding& coding) {
        return coding.system == kParticipationType && one_of(coding.code, {"IRCP", "PRCP"});
    });
    if (!recipient) reading.doubt(place + ".role", "is not the information recipient (v3-ParticipationType IRCP or PRCP)");
    // Somebody whom this server cannot resolve may be permitted by his exact name; he cannot be kept out, for he may come under another.
    if (auto reference = reading.reference(*who, place + ".reference", permits(rule))) rule.actors.push_back(std::move(*reference));
}

void read_action(Reading& reading, const json::Value& value, const std::string& place, Rule& rule) {
    for (const auto& coding : reading.codings(value, place)) {
        if (coding.system == kConsentAction && one_of(coding.code, {"collect", "access", "use", "disclose", "correct"})) {
            rule.actions.push_back(coding.code);
        } else {
            reading.doubt(place, "is not a code of consentaction");
        }
    }
}

void read_label(Reading& reading, const json::Value& value, const std::string& place, Rule& rule) {
    const auto label = reading.coding(value, place);
    if (!label) return;
    if (label->system == kConfidentiality) {
        if (const auto level = confidentiality_level(label->code)) {
            const int known = rule.confidentiality.value_or(*level);
            rule.confidentiality = permits(rule) ? std::max(known, *level) : std::min(known, *level);
            return;
        }
    } else if (label->system == kActCode && is_sensitivity(label->code)) {
        rule.sensitivities.push_back(label->code);
        return;
    }
    reading.doubt(place, "is neither a confidentiality nor a sensitivity that is known");
}

void read_purpose(Reading& reading, const json::Value& value, const std::string& place, Rule& rule) {
    const auto purpose = reading.coding(value, place);
    if (!purpose) return;
    if (purpose->system != kActReason) {
        rule.purposes.push_back(purpose->system + "|" + purpose->code);  // a project's own: itself and nothing else
    } else if (is_purpose(purpose->code)) {
        rule.purposes.push_back(purpose->code);
    } else {
        reading.doubt(place, "is not a purpose of use of v3-ActReason");
    }
}

void read_class(Reading& reading, const json::Value& value, const std::string& place, Rule& rule) {
    const auto kind = reading.coding(value, place);
    if (!kind) return;
    if (kind->system == kResourceTypes) {
        rule.types.push_back(kind->code);
    } else if (kind->system == "urn:ietf:rfc:3986" && permits(rule)) {
        rule.profiles.push_back(kind->code);
    } else {
        // A resource need not say which profiles it meets, so keeping a profile out would keep out only those that say so.
        reading.doubt(place, "is not a resource type, or a profile in a permit");
    }
}

void read_code(Reading& reading, const json::Value& value, const std::string& place, Rule& rule) {
    for (const auto& coding : reading.codings(value, place)) rule.codes.push_back(coding.system + "|" + coding.code);
}

void read_data(Reading& reading, const json::Value& value, const std::string& place, Rule& rule) {
    const auto* data = reading.object(value, place, {"meaning", "reference"});
    if (!data) return;
    const json::Value* what = data->find("reference");
    if (!what) return reading.doubt(place, "has no reference");
    auto reference = reading.reference(*what, place + ".reference", false);
    if (!reference) return;
    using Meaning = DataReference::Meaning;
    const std::string_view meaning = value.text("meaning");
    const std::string type = reference->substr(0, reference->find('/'));
    if (meaning == "instance") {
        rule.data.push_back({Meaning::instance, std::move(*reference)});
    } else if (meaning == "dependents") {
        rule.data.push_back({Meaning::referring, std::move(*reference)});
    } else if (meaning == "authoredby") {
        rule.data.push_back({Meaning::authored_by, std::move(*reference)});
    } else if (meaning == "related" && one_of(type, {"Encounter", "EpisodeOfCare", "CarePlan"})) {
        // IHE PCF: what belongs to the encounter, which is what refers to it. R4's own words are the other direction.
        rule.data.push_back({Meaning::referring, std::move(*reference)});
    } else if (meaning == "related" && permits(rule)) {
        rule.data.push_back({Meaning::instance, std::move(*reference)});  // the part that both readings share
    } else {
        reading.doubt(place + ".meaning", "cannot be decided from one resource alone");
    }
}

}  // namespace

Rule read_provision(Reading& reading, const json::Value& value, const std::string& place, std::optional<Effect> untyped,
                    std::size_t& count) {
    Rule rule;
    const auto* provision = reading.object(
        value, place,
        {"type", "period", "actor", "action", "securityLabel", "purpose", "class", "code", "dataPeriod", "data", "provision"});
    if (!provision) return rule;
    if (++count > kMaxProvisions) {
        reading.doubt(place, "is one provision more than the limit of " + std::to_string(kMaxProvisions));
        return rule;
    }
    // The type comes first: a doubt about a deny is another than about a permit.
    const json::Value* type = provision->find("type");
    if (type && value.text("type") == "permit")
        rule.effect = Effect::permit;
    else if (type && value.text("type") != "deny")
        reading.doubt(place + ".type", "is neither permit nor deny");
    else if (!type && untyped)
        rule.effect = *untyped;
    else if (!type)
        reading.doubt(place + ".type", "is missing");

    if (const json::Value* period = provision->find("period")) {
        if (const auto span = reading.period(*period, place + ".period")) rule.begin = span->low, rule.end = span->high;
    }
    if (const json::Value* period = provision->find("dataPeriod")) rule.data_period = reading.period(*period, place + ".dataPeriod");

    using ReadOne = void (*)(Reading&, const json::Value&, const std::string&, Rule&);
    constexpr std::array<std::pair<std::string_view, ReadOne>, 7> kLists{{{"actor", read_actor},
                                                                          {"action", read_action},
                                                                          {"securityLabel", read_label},
                                                                          {"purpose", read_purpose},
                                                                          {"class", read_class},
                                                                          {"code", read_code},
                                                                          {"data", read_data}}};
    for (const auto& [name, read_one] : kLists) {
        const auto& items = reading.items(*provision, name, place);
        for (std::size_t i = 0; i < items.size(); ++i) read_one(reading, items[i], at(place + "." + std::string(name), i), rule);
    }
    const auto& nested = reading.items(*provision, "provision", place);
    for (std::size_t i = 0; i < nested.size() && count <= kMaxProvisions; ++i) {
        rule.nested.push_back(read_provision(reading, nested[i], at(place + ".provision", i), std::nullopt, count));
    }
    return rule;
}

}  // namespace consent
