#include "fhir/codec/structure.hpp"
#include "fhir/codec/xml.hpp"
#include "fhir/rest/audit_event.hpp"
#include "fhir/rest/ledger_extension.hpp"
#include "fhir/rest/validating.hpp"
#include "fhir/rest/writing.hpp"

namespace rest {

base::Result<json::Value> parse_body(const Attempt& attempt, const Services& services, std::string_view text) {
    return attempt.body_format == Format::xml ? codec::from_xml(text, services.settings.json) : json::parse(text, services.settings.json);
}

base::Result<json::Value> parse_resource(Attempt& attempt, const Services& services, std::string_view text, const std::string& type) {
    if (text.empty()) return base::fail(base::Kind::invalid, "the body is empty; a " + type + " resource is expected");
    auto tree = parse_body(attempt, services, text);
    if (!tree) return tree;
    auto issues = codec::check_structure(*tree, {type, std::nullopt});
    if (issues.empty()) {
        if (auto valid = check_valid(attempt, services, *tree); !valid) return base::pass(valid);
        return tree;
    }
    auto first = std::move(issues.front());
    attempt.more_errors.assign(std::make_move_iterator(issues.begin() + 1), std::make_move_iterator(issues.end()));
    return tl::unexpected(std::move(first));
}

void write_unit(AttemptPtr attempt, const Services& services, const Then& then, std::function<base::Status(Writing&)> work) {
    // What is written must be told of: a log that takes nothing any more takes no write either.
    if (auto takes = services.log.takes(); !takes) return attempt->refuse(takes.error()), then(attempt);
    auto consents = std::make_shared<std::vector<std::pair<std::string, std::string>>>();
    auto definitions = std::make_shared<std::vector<Knowledge::Change>>();
    services.store.submit(
        attempt->duty,
        [attempt, &services, consents, definitions, work = std::move(work)](store::Unit& unit) -> base::Status {
            Writing writing(unit, *attempt, services);
            if (auto done = work(writing); !done) return done;
            *consents = writing.consents();
            *definitions = writing.definitions();
            // The entries are made here, inside the unit, so that no acknowledged write can lack them: what the log has not
            // got after a crash is taken from the journal.
            auto entries = audit_entries(*attempt, services.settings.base_url);
            for (const auto& entry : entries) {
                if (auto kept = unit.journal(entry.keys.id, entry.encode()); !kept) return kept;
            }
            attempt->journaled = std::move(entries);
            return {};
        },
        [attempt, &services, consents, definitions, then](base::Status durable) {
            if (!durable) {
                attempt->journaled.clear();
                attempt->written.clear();
                attempt->refuse(durable.error());
                return then(attempt);
            }
            for (const auto& [id, patient] : *consents) services.registry.on_committed(id, patient);
            if (!definitions->empty() && services.knowledge != nullptr) services.knowledge->apply(std::move(*definitions));
            then(attempt);
        });
}

base::Result<Conditions> conditions_of(const Attempt& attempt) {
    Conditions out;
    for (const auto& [name, condition] : {std::pair{"If-Match", &out.if_match}, {"If-None-Match", &out.if_none_match}}) {
        if (!attempt.request.has_header(name)) continue;
        auto tags = http::parse_entity_tags(attempt.request.header(name));
        if (!tags) return base::pass(tags);
        *condition = std::move(*tags);
    }
    return out;
}

std::string location_of(const Services& services, const Changed& changed) {
    return services.settings.base_url + "/" + changed.type + "/" + changed.id + "/_history/" + std::to_string(changed.version);
}

void reply_to(Attempt& attempt, const Services& services, const Changed& changed) {
    attempt.reply.status = changed.created ? 201 : 200;
    attempt.reply.version = changed.version;
    attempt.reply.updated_us = changed.updated_us;
    if (changed.created) attempt.reply.location = location_of(services, changed);
    if (changed.may_read) attempt.reply.body = changed.body;
}

}  // namespace rest
