#include "anchoring/kedge_verify/consent_claim.hpp"

#include "anchoring/kedge_verify/bundle_entry.hpp"
#include "storage/base/encoding.hpp"

#include <algorithm>
#include <set>

namespace kedge_verify {
namespace {

using base::Kind;
using Says = ConsentRecord::Says;

constexpr std::uint64_t kNoEnd = (std::uint64_t{1} << 48) - 1;

std::string hex(base::ByteView bytes) {
    return "0x" + base::to_hex(bytes);
}
std::string when(std::uint64_t seconds) {
    return base::format_instant(static_cast<base::TimeUs>(seconds) * 1'000'000);
}

// The named text among the parts of an extension (url) or of a Parameters (name).
std::string_view part(const json::Value& of, std::string_view list, std::string_view key, std::string_view name) {
    const auto* parts = of.find(list);
    if (parts == nullptr || !parts->if_array()) return {};
    for (const auto& one : *parts->if_array()) {
        if (one.text(key) == name) return one.text("valueString");
    }
    return {};
}

template <std::size_t N>
bool take_hex(std::string_view text, std::array<std::uint8_t, N>& out) {
    const auto bytes = base::from_hex(text);
    if (!bytes || bytes->size() != N) return false;
    std::copy(bytes->begin(), bytes->end(), out.begin());
    return true;
}
template <typename T>
base::Status take_optional(std::string_view text, std::optional<T>& out, const char* name) {
    if (text.empty()) return {};
    if (!take_hex(text, out.emplace())) return base::fail(Kind::invalid, std::string("its ") + name + " is no hex of the right length");
    return {};
}

proof::Verdict refuse(std::string why) {
    proof::Verdict out;
    out.sentence = std::move(why);
    return out;
}

// The records of one consent by one subject, oldest first.
struct History {
    std::vector<const ConsentRecord*> records;
    const ConsentRecord* grant = nullptr;
};

base::Result<History> history_of(const ConsentClaim& claim, const Evidence& evidence) {
    const auto fail = [](std::string why) { return base::fail(Kind::invalid, std::move(why)); };
    std::vector<const ConsentRecord*> all;
    for (const auto& r : evidence.consents) {
        if (r.consent_id == claim.consent_id && (!claim.contract || r.contract == *claim.contract)) all.push_back(&r);
    }
    if (all.empty()) return fail("what the ledger says here does not mention it");
    // The ledger keeps a state for each subject and consent id, and anybody may use an id: the subject is whoever granted these terms.
    std::set<std::array<std::uint8_t, 20>> granted, subjects;
    for (const auto* r : all) {
        subjects.insert(r->subject);
        const bool fits = (!claim.terms_hash || r->terms_hash == *claim.terms_hash) && (!claim.tx_hash || r->tx_hash == *claim.tx_hash);
        if (r->says == Says::granted && fits) granted.insert(r->subject);
    }
    if (granted.empty()) granted = std::move(subjects);
    if (granted.size() != 1) return fail("more than one subject used this consent id, and nothing tells whose is meant");
    History out;
    for (const auto* r : all) {
        if (r->subject == *granted.begin()) out.records.push_back(r);
    }
    std::sort(out.records.begin(), out.records.end(), [](const auto* a, const auto* b) { return a->block_number < b->block_number; });
    for (const auto* r : out.records) {
        if (r->says != Says::granted) continue;
        if (claim.terms_hash && r->terms_hash != *claim.terms_hash)
            return fail("the ledger holds other terms for it: " + hex(r->terms_hash));
        out.grant = r;
    }
    return out;
}

// The state on the ledger at a time, what shows it, and whether it is shown at all.
struct Found {
    std::string state = "none";
    std::vector<const ConsentRecord*> by;
    bool shown = false;
};

Found state_at(const History& history, std::uint64_t time_s) {
    Found out;
    const ConsentRecord* until = nullptr;  // the state was asked for at or after that time
    for (const auto* r : history.records) {
        if (r->says == Says::state && r->time_s >= time_s && (until == nullptr || r->time_s < until->time_s)) until = r;
        const auto happened = r->says == Says::state ? r->changed_s : r->time_s;
        const bool revoked = r->says == Says::revoked || (r->says == Says::state && r->state == "revoked");
        if (revoked && happened <= time_s) return {"revoked", {r}, true};
    }
    if (history.grant != nullptr && history.grant->time_s <= time_s) {
        out.state = "active";
        out.by.push_back(history.grant);
    } else if (until != nullptr && until->state == "active" && until->changed_s <= time_s) {
        out.state = "active";
    }
    if (until != nullptr) out.by.push_back(until);
    out.shown = until != nullptr;
    return out;
}

bool bears_out(std::string_view claimed, std::string_view found) {
    if (claimed == "active" || claimed == "revoked" || claimed == "none") return claimed == found;
    if (claimed == "revoking") return found != "none";
    return found == "none";  // requested, queued, sent, refused: not, or not yet, on the ledger
}

std::string sentence_of(const Found& found, std::uint64_t time_s) {
    auto out = found.state + " at " + when(time_s);
    for (const auto* r : found.by) {
        const auto block = " block " + std::to_string(r->block_number) + " (" + when(r->time_s) + ")";
        if (r->says == Says::granted) {
            out += "; granted in" + block + " by transaction " + hex(r->tx_hash) + ", for " + when(r->not_before) + " to " +
                   (r->not_after >= kNoEnd ? "no end" : when(r->not_after));
            if (time_s < r->not_before || time_s >= r->not_after) out += ", which does not cover that time";
        } else if (r->says == Says::revoked) {
            out += "; revoked in" + block + " by transaction " + hex(r->tx_hash);
        } else {
            out += "; the contract said " + r->state + " at" + block;
        }
    }
    return out;
}

}  // namespace

base::Result<ConsentClaim> read_consent_claim(const json::Value& resource) {
    const bool is_consent = resource.text("resourceType") == "Consent";
    const auto* holder = is_consent ? extension(resource, kLedgerUrl) : &resource;
    if (holder == nullptr) return base::fail(Kind::invalid, "a Consent without the ledger's extension: save Consent/{id}/$ledger-status");
    const auto text = [&](std::string_view name) {
        return is_consent ? part(*holder, "extension", "url", name) : part(*holder, "parameter", "name", name);
    };
    ConsentClaim out;
    out.state = text("state");
    if (out.state.empty()) return base::fail(Kind::invalid, "it does not say the state of a consent on a ledger");
    if (!take_hex(text("consentId"), out.consent_id)) return base::fail(Kind::invalid, "it has no consentId of 32 bytes");
    out.name = is_consent ? "Consent/" + std::string(resource.text("id")) : "consent " + hex(out.consent_id);
    if (auto read = take_optional(text("termsHash"), out.terms_hash, "termsHash"); !read) return base::pass(read);
    if (auto read = take_optional(text("txHash"), out.tx_hash, "txHash"); !read) return base::pass(read);
    if (auto read = take_optional(text("contract"), out.contract, "contract"); !read) return base::pass(read);
    return out;
}

proof::Verdict judge_consent(const ConsentClaim& claim, const Evidence& evidence) {
    if (evidence.consents.empty()) return refuse("no record of the ledger was given to compare with (--ledger, --rpc)");
    const auto history = history_of(claim, evidence);
    if (!history) return refuse(history.error().diagnostics);
    std::uint64_t time_s = 0;
    for (const auto* r : history->records) time_s = std::max(time_s, r->time_s);
    if (evidence.at) time_s = static_cast<std::uint64_t>(std::max<base::TimeUs>(0, *evidence.at) / 1'000'000);
    const auto found = state_at(*history, time_s);
    if (!found.shown) {
        return refuse(sentence_of(found, time_s) + "; but nothing here shows that it was not " +
                      (found.state == "none" ? "granted" : "revoked") + " by then: ask a node (--rpc), or add its state");
    }
    if (!evidence.at && !bears_out(claim.state, found.state)) {
        return refuse("the server says " + claim.state + ", the ledger says: " + sentence_of(found, time_s));
    }
    proof::Verdict out;
    out.proven = true;
    out.tier =
        std::all_of(found.by.begin(), found.by.end(), [](const auto* r) { return r->final; }) ? proof::Tier::final : proof::Tier::anchored;
    out.sentence = sentence_of(found, time_s);
    return out;
}

}  // namespace kedge_verify
