// What auditors take from the log as a whole: AuditEvent/$proof?entry=N, AuditEvent/$consistency?from=N&to=M, AuditEvent/$anchors. Texts for
// kedge-verify (anchoring/FORMAT.md, sections 8 to 10), for auditors and admins.
#include "anchoring/chain/proofs.hpp"
#include "fhir/http/query.hpp"
#include "fhir/rest/audit_access.hpp"
#include "fhir/rest/interactions.hpp"
#include "storage/base/encoding.hpp"

#include <algorithm>
#include <charconv>
#include <map>

namespace rest {
namespace {

using base::Kind;
using Numbers = std::map<std::string, std::uint64_t>;

base::Result<Numbers> numbers(const Attempt& a, const std::vector<std::string>& taken) {
    const auto parameters = http::parse_query(a.request.query);
    if (!parameters) return base::pass(parameters);
    Numbers out;
    for (const auto& [name, value] : *parameters) {
        if (name == "_format" || name == "_pretty") continue;
        if (std::find(taken.begin(), taken.end(), name) == taken.end()) {
            return base::fail(Kind::invalid, a.subtype + " does not take '" + std::string(base::utf8_prefix(name, 64)) + "'", {std::string(base::utf8_prefix(name, 64))});
        }
        const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), out[name]);
        if (value.empty() || error != std::errc() || end != value.data() + value.size()) return base::fail(Kind::invalid, name + " takes a whole number", {name});
    }
    return out;
}

base::Result<std::uint64_t> needed(const Numbers& given, const std::string& name, std::uint64_t first, std::uint64_t last) {
    const auto found = given.find(name);
    if (found == given.end()) return base::fail(Kind::invalid, name + " is missing", {name});
    if (found->second >= first && found->second <= last) return found->second;
    return base::fail(Kind::invalid, name + " lies between " + std::to_string(first) + " and " + std::to_string(last), {name});
}

// The proof of an entry by its number. A write set stands inside it (it names no one); an AuditEvent does not, for that one's readers are
// counted by AuditEvent/{id}/$proof.
base::Result<std::string> entry_proof(Attempt& a, const Services& services) {
    const auto given = numbers(a, {"entry"});
    if (!given) return base::pass(given);
    if (services.log.size() == 0) return base::fail(Kind::not_found, "the log is empty");
    const auto entry = needed(*given, "entry", 0, services.log.size() - 1);
    if (!entry) return base::pass(entry);
    const auto stored = services.log.event(*entry);
    if (!stored) return base::pass(stored);
    return proof_text(services, *stored, stored->entry.kind == proof::EntryKind::write_set);
}

// The body of add-checkpoint (C2SP tlog-witness): that the tree of `from` entries is part of the smallest signed tree of at least `to`.
base::Result<std::string> consistency_proof(Attempt& a, const Services& services) {
    const auto given = numbers(a, {"from", "to"});
    if (!given) return base::pass(given);
    const auto size = services.log.size();
    const auto from = needed(*given, "from", 0, size);
    if (!from) return base::pass(from);
    const auto to = given->contains("to") ? needed(*given, "to", std::max<std::uint64_t>(*from, 1), size) : base::Result<std::uint64_t>(size);
    if (!to) return base::pass(to);
    auto covering = given->contains("to") ? services.log.checkpoint_covering(*to - 1) : base::Result<std::optional<chain::SignedCheckpoint>>(std::nullopt);
    if (!covering) return base::pass(covering);
    auto head = *covering ? base::Result<chain::SignedCheckpoint>(**covering) : services.log.checkpoint_now();
    if (!head) return base::pass(head);
    const auto path = services.log.consistency(*from, head->size);
    if (!path) return base::pass(path);
    auto out = "old " + std::to_string(*from) + "\n";
    for (const auto& hash : *path) out += base::to_base64(hash) + "\n";
    return out + "\n" + head->note;
}

base::Result<std::string> anchors(Attempt& a, const Services& services) {
    const auto given = numbers(a, {});
    if (!given) return base::pass(given);
    return services.anchor_lines ? services.anchor_lines() : std::string();
}

}  // namespace

void log_proofs(AttemptPtr attempt, const Services& services, const Then& then) {
    auto& a = *attempt;
    const auto path = a.action.route->path;
    a.subtype = path.substr(path.find('$'));
    const auto scope = trail_scope(a);
    if (!scope) return a.refuse(scope.error()), then(attempt);
    if (!scope->empty()) return a.refuse(base::Error{Kind::forbidden, "what is of the whole chain is for auditors and admins", {}, {}}), then(attempt);
    auto text = a.subtype == "$proof" ? entry_proof(a, services) : a.subtype == "$consistency" ? consistency_proof(a, services) : anchors(a, services);
    if (!text) return a.refuse(text.error()), then(attempt);
    a.reply.body = std::move(*text);
    a.reply.content_type = a.subtype == "$anchors" ? "application/x-ndjson" : "text/plain; charset=utf-8";
    then(attempt);
}

}  // namespace rest
