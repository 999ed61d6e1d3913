// kedge without its proof: the same listener, token check, store and rendering, but no consent decision and no audit entry. It exists to
// measure what these two cost, is built in this folder alone, and answers nothing but reads. Never install it.
#include "fhir/rest/exchange.hpp"
#include "fhir/rest/reading.hpp"
#include "fhir/server/cli.hpp"
#include "fhir/server/config.hpp"
#include "fhir/server/instance.hpp"
#include "fhir/server/listener.hpp"
#include "fhir/server/say.hpp"

#include <csignal>

namespace {

void unaudited_read(http::Request request, const rest::Services& services, const http::Respond& respond) {
    rest::Attempt a(std::move(request), services.clock.now_us());
    // The duty is named as not owed, which no path of the server does.
    auto duty = store::AuditDuty::exempt("benchmark of the cost of audit");
    auto action = rest::route(a.request, services.settings.base_path, a.allow);
    if (!action) return respond(rest::render((a.refuse(action.error()), a), services));
    a.action = std::move(*action);
    auto caller = services.auth.authenticate(a.request.header("Authorization"));
    if (!caller) return respond(rest::render((a.stranger(caller.error()), a), services));
    auto record = services.store.read(duty, a.action.type, a.action.id);
    if (!record) return respond(rest::render((a.refuse(record.error()), a), services));
    if (!*record) return respond(rest::render((a.refuse(rest::not_found(a.action.type, a.action.id)), a), services));
    a.reply.body = std::move((*record)->body);
    a.reply.version = (*record)->version.version;
    a.reply.updated_us = (*record)->version.updated_us;
    respond(rest::render(a, services));
}

}  // namespace

int main(int count, char** words) {
    const auto parsed = server::parse_command_line(std::vector<std::string>(words + 1, words + count));
    const auto* command = std::get_if<server::Command>(&parsed);
    const auto* options = command == nullptr ? nullptr : std::get_if<server::ServeOptions>(command);
    if (options == nullptr) return server::say_error({base::Kind::invalid, "bench_serve takes the flags of kedge serve", {}, {}}, 2);
    const auto config = server::load_config(options->config_path, options->overrides);
    if (!config) return server::say_error(config.error(), 2);
    const auto where = server::parse_listen(config->listen);
    if (!where) return server::say_error(where.error(), 2);
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGTERM, SIGINT}) sigaddset(&signals, signal);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    const auto opening = server::instance_options(*config);
    if (!opening) return server::say_error(opening.error());
    auto instance = server::Instance::open(*opening);
    if (!instance) return server::say_error(instance.error());
    server::ListenOptions listen;
    listen.address = where->address;
    listen.port = where->port;
    const auto& services = *(*instance)->services;
    auto listener = server::Listener::start(listen, [&services](http::Request request, http::Respond respond) {
        if (request.path == "/readyz") return respond(http::Response{});
        unaudited_read(std::move(request), services, respond);
    });
    if (!listener) return server::say_error(listener.error());
    int signal = 0;
    sigwait(&signals, &signal);
    (*listener)->drain();
    return (*instance)->drain() ? 0 : 1;
}
