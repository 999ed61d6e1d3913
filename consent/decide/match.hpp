// Whether one provision, and one whole consent, applies to one request for one resource: steps 2a to 2c of the decision.
#pragma once

#include "consent/decide/decide.hpp"
#include "consent/decide/rule.hpp"

namespace consent {

// The action codes of consentaction, as a request can need them. use and disclose are no requests of their own: a permit for them opens
// nothing, a deny of them closes reading.
enum class Need : std::uint8_t { access, collect, correct };

struct Ask {
    const Requester& requester;
    const Facts& facts;
    base::TimeUs now = 0;
    Need need = Need::access;
    // A permit must name the action itself: what is asked is more than reading (correcting another organisation's record).
    bool by_name = false;
};

enum class Answer : std::uint8_t { deny, permit, omit };

// A permit takes what surely matches, a deny everything that may match: what is not known of a resource (its time, its labels, its
// author) is held against the permit and for the deny.
bool who_and_why_match(const Rule& rule, const Ask& ask);
bool what_matches(const Rule& rule, const Ask& ask);

// What one consent says, its base policy included.
Answer evaluate(const Rule& root, const Ask& ask);

}  // namespace consent
