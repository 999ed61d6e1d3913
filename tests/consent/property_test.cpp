// Properties over random consents: a deny added anywhere never opens anything, order and wording do not matter, the ledger only opens.
#include "tests/consent/consents.hpp"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

namespace consent_test {
namespace {

class Random {
  public:
    explicit Random(unsigned seed) : engine_(seed) {}
    std::size_t below(std::size_t n) { return engine_() % n; }
    bool one_in(std::size_t n) { return below(n) == 0; }
    template <class T>
    const T& of(const std::vector<T>& list) {
        return list[below(list.size())];
    }

    Rule rule(int depth) {
        Rule rule;
        rule.effect = one_in(2) ? Effect::permit : Effect::deny;
        if (one_in(3)) rule.actors = {of(kActors)};
        if (one_in(3)) rule.purposes = {of(kPurposes)};
        if (one_in(4)) rule.actions = {of(kActions)};
        if (one_in(4)) rule.types = {one_in(2) ? "Observation" : "Condition"};
        if (one_in(5)) rule.codes = {one_in(2) ? "http://loinc.org|8867-4" : "http://loinc.org|1"};
        if (one_in(3)) rule.confidentiality = static_cast<int>(below(6));
        if (one_in(5)) rule.sensitivities = {of(kSensitivities)};
        if (one_in(5)) rule.data_period = base::parse_datetime(one_in(2) ? "2022" : "2023").value();
        if (one_in(5)) rule.data = {{DataReference::Meaning::authored_by, of(kActors)}};
        if (one_in(8)) rule.end = kNow + (one_in(2) ? 1 : 0);
        while (depth > 0 && one_in(2)) rule.nested.push_back(this->rule(depth - 1));
        return rule;
    }
    Rule root() {
        Rule root = rule(3);
        root.base = static_cast<BasePolicy>(below(8));
        if (one_in(4)) root.effect = Effect::by_policy;
        return root;
    }
    Facts facts() {
        Facts facts = labelled({});
        while (one_in(2))
            facts.labels.push_back("http://terminology.hl7.org/CodeSystem/v3-Confidentiality|" + std::string(1, "ULMNRV"[below(6)]));
        while (one_in(2)) facts.labels.push_back("http://terminology.hl7.org/CodeSystem/v3-ActCode|" + of(kSensitivities));
        facts.has_clinical_time = one_in(2);
        facts.authors = {of(kActors)};
        return facts;
    }
    Requester requester() {
        Requester who = practitioner({of(kPurposes)});
        while (one_in(3)) who.purposes.push_back(of(kPurposes));
        who.subject = of(kActors);
        who.role = one_in(4) ? Role::system : one_in(8) ? Role::patient : Role::practitioner;
        return who;
    }
    Action action() { return static_cast<Action>(below(7)); }

  private:
    std::mt19937 engine_;
    const std::vector<std::string> kActors{"Practitioner/7", "Practitioner/8", "Organization/2", "Organization/1"};
    const std::vector<std::string> kPurposes{"TREAT", "ETREAT", "BTG", "HRESCH", "CLINTRCH", "HPAYMT", "http://x.org|A", "http://x.org|B"};
    const std::vector<std::string> kActions{"access", "collect", "use", "disclose", "correct"};
    const std::vector<std::string> kSensitivities{"PSY", "ETH", "ETHUD", "SUD", "HIV"};
};

ActiveConsent as_consent(Rule root, std::string name, bool effective = true) {
    return {std::move(name), "1", true, effective, std::make_shared<const Rule>(std::move(root))};
}

constexpr int kRounds = 20'000;

TEST(Property, AddingADenyNeverWidens) {
    Random random(1);
    int permitted = 0, narrowed = 0;
    for (int i = 0; i < kRounds; ++i) {
        const Rule root = random.root();
        const Requester who = random.requester();
        const Facts facts = random.facts();
        const Action action = random.action();
        std::vector<ActiveConsent> consents{as_consent(root, "Consent/a")};
        if (random.one_in(2)) consents.push_back(as_consent(random.root(), "Consent/b"));
        const bool before = ask(consents, who, facts, action).permits();
        permitted += before;

        Rule denial = random.rule(0);
        denial.effect = Effect::deny;
        Rule changed = root;
        Rule* place = &changed;
        while (!place->nested.empty() && random.one_in(2)) place = &place->nested[random.below(place->nested.size())];
        place->nested.push_back(denial);
        auto nested = consents;
        nested[0] = as_consent(changed, "Consent/a");
        auto beside = consents;
        beside.push_back(as_consent(denial, "Consent/c"));
        for (const auto& more : {nested, beside}) {
            const bool after = ask(more, who, facts, action).permits();
            ASSERT_FALSE(after && !before) << "round " << i;
            narrowed += before && !after;
        }
    }
    EXPECT_GT(permitted, kRounds / 20) << "the generator must reach permits";
    EXPECT_GT(narrowed, kRounds / 100);
}

TEST(Property, OrderDoesNotMatterAndTheLedgerOnlyOpens) {
    Random random(2);
    for (int i = 0; i < kRounds; ++i) {
        Rule root = random.root();
        const Requester who = random.requester();
        const Facts facts = random.facts();
        const Action action = random.action();
        std::vector<ActiveConsent> consents{as_consent(root, "Consent/a"), as_consent(random.root(), "Consent/b")};
        const bool verdict = ask(consents, who, facts, action).permits();
        std::reverse(root.nested.begin(), root.nested.end());
        const std::vector<ActiveConsent> reversed{consents[1], as_consent(root, "Consent/a")};
        ASSERT_EQ(ask(reversed, who, facts, action).permits(), verdict);
        auto waiting = consents;
        waiting[0].effective = false;
        ASSERT_FALSE(ask(waiting, who, facts, action).permits() && !verdict);
        waiting[0].understood = false;
        ASSERT_FALSE(ask(waiting, who, facts, action).permits() && !verdict);
    }
}

TEST(Property, MoreLabelsOnTheDataNeverHelpAConfidentialityPermit) {
    for (const char* level : {"U", "L", "M", "N", "R", "V"}) {
        const auto consent = permitting(R"("securityLabel":[)" + label(level) + "]");
        for (const char* first : {"U", "N", "R", "V"}) {
            for (const char* second : {"U", "N", "R", "V"}) {
                const bool alone = ask({consent}, practitioner(), labelled({first})).permits();
                EXPECT_FALSE(ask({consent}, practitioner(), labelled({first, second})).permits() && !alone);
            }
        }
    }
}

}  // namespace
}  // namespace consent_test
