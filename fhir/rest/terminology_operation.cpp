// R4's terminology operations (terminology-service.html): the arguments out of URL and body, the instance out of the store, the answer by
// fhir/terminology. An access like any other: it needs a token, and it leaves its line in the trail.
#include "fhir/http/query.hpp"
#include "fhir/rest/interactions.hpp"
#include "fhir/rest/knowledge.hpp"
#include "fhir/rest/reading.hpp"
#include "fhir/rest/writing.hpp"
#include "fhir/terminology/operations.hpp"
#include "storage/crypto/random.hpp"

namespace rest {
namespace {

using base::Kind;
using terminology::Argument;

base::Result<std::vector<Argument>> given(const Attempt& a, const Services& services) {
    std::vector<Argument> out;
    if (!a.request.query.empty()) {
        auto query = http::parse_query(a.request.query);
        if (!query) return base::pass(query);
        for (auto& [name, value] : *query) {
            if (name == "_format" || name == "_pretty") continue;  // negotiate.cpp has read them
            out.push_back({std::move(name), std::move(value), false});
        }
    }
    if (a.request.body.empty()) return out;
    const auto tree = parse_body(a, services, a.request.body);
    if (!tree) return base::pass(tree);
    if (tree->text("resourceType") != "Parameters") {
        return base::fail(Kind::invalid, "the body of an operation is a Parameters resource; a resource that is asked about stands in it as a parameter", {}, "structure");
    }
    auto parts = terminology::Arguments::read(*tree);
    if (!parts) return base::pass(parts);
    out.insert(out.end(), std::make_move_iterator(parts->begin()), std::make_move_iterator(parts->end()));
    return out;
}

base::Result<json::Value> instance(Attempt& a, const Services& services) {
    auto record = services.store.read(a.duty, a.action.type, a.action.id);
    if (!record) return base::pass(record);
    if (!*record || (*record)->version.deleted) return tl::unexpected(not_found(a.action.type, a.action.id));
    Access access(services, a);
    const auto body = disclose(a, services, access, consent::Action::read, **record);
    if (!body) return base::pass(body);
    return json::parse(*body, {.bytes = SIZE_MAX, .depth = 256, .values = SIZE_MAX});
}

base::Result<terminology::Answer> answer(Attempt& a, const Services& services, const terminology::Operation& operation) {
    auto parts = given(a, services);
    if (!parts) return base::pass(parts);
    const auto arguments = terminology::Arguments::make(operation, std::move(*parts));
    if (!arguments) return base::pass(arguments);
    std::optional<json::Value> resource;
    if (!a.action.id.empty()) {
        auto read = instance(a, services);
        if (!read) return base::pass(read);
        resource = std::move(*read);
    }
    const auto knowledge = services.knowledge != nullptr ? services.knowledge->current() : validate::Profiles::r4();
    return terminology::answer(operation, {knowledge->terms(), *arguments, resource ? &*resource : nullptr, "urn:uuid:" + crypto::random_uuid(), base::format_instant(a.started_us)});
}

}  // namespace

void terminology_operation(AttemptPtr attempt, const Services& services, const Then& then) {
    auto& a = *attempt;
    const auto path = a.action.route->path;
    const auto* operation = terminology::find_operation(a.action.type, path.substr(path.find('$') + 1));
    CHECK(operation != nullptr);
    a.subtype = operation->name;
    a.trail.part("", 'E');  // also when nothing stored is looked at
    auto answered = answer(a, services, *operation);
    if (!answered) return a.refuse(answered.error()), then(attempt);
    // A stored resource that the answer was made of was read for it.
    for (const auto& source : answered->used) a.trail.note("", 'E', source);
    a.reply.body = json::write(answered->resource);
    then(attempt);
}

}  // namespace rest
