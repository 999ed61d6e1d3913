// kedge serve: open, listen, wait for a signal, drain.
#include <atomic>
#include <csignal>
#include <cstdio>
#include <unistd.h>

#include "fhir/rest/pipeline.hpp"
#include "fhir/server/commands.hpp"
#include "fhir/server/config.hpp"
#include "fhir/server/control.hpp"
#include "fhir/server/instance.hpp"
#include "fhir/server/ledger_watch.hpp"
#include "fhir/server/listener.hpp"
#include "fhir/server/metrics.hpp"
#include "fhir/server/operator_commands.hpp"
#include "fhir/server/say.hpp"
#include "fhir/server/served_url.hpp"
#include "storage/base/log.hpp"

namespace server {
namespace {

http::Response plain(int status, std::string text) {
    http::Response out;
    out.status = status;
    out.set("Content-Type", "text/plain; charset=utf-8");
    out.body = std::move(text);
    return out;
}

// Ready: everything is open (or we would not be here), store and audit log take what comes, and a grant can be written. A ledger that is not well is told and is no reason to
// take the server out of service: records are served as long as the mirror is fresh, and what is written waits in the outbox.
http::Response readyz(const Instance& instance, const LedgerWatch& watch) {
    if (const auto takes = instance.store->takes_writes(); !takes) return plain(503, takes.error().diagnostics + "\n");
    if (const auto takes = instance.log->takes(); !takes) return plain(503, takes.error().diagnostics + "\n");
    const auto waiting = instance.outbox->waiting();
    if (!waiting) return plain(503, "the outbox cannot be read: " + waiting.error().diagnostics + "\n");
    std::string text;
    for (const auto& problem : watch.problems()) text += "ready, but the ledger: " + problem.text + "\n";
    return plain(200, text.empty() ? "ready\n" : std::move(text));
}

// What stands beside the FHIR API: probes and metrics. Open, and free of anything stored.
http::Handler front_door(const Instance& instance, const LedgerWatch& watch, const Metrics& metrics, http::Handler fhir) {
    return [&instance, &watch, &metrics, fhir = std::move(fhir)](http::Request request, http::Respond respond) {
        if (request.path == "/healthz") return respond(plain(200, "alive\n"));
        if (request.path == "/readyz") return respond(readyz(instance, watch));
        if (request.path == "/metrics") {
            auto response = plain(200, metrics.text());
            response.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
            return respond(std::move(response));
        }
        fhir(std::move(request), std::move(respond));
    };
}

void add_gauges(Metrics& metrics, Instance& instance, const LedgerWatch& watch, const std::atomic<Listener*>& shown) {
    for (const auto reason : kTroubles) {
        metrics.gauge(
            "kedge_ledger_problem", "1 while the ledger or the relayer needs somebody, by reason: /readyz says what to do", [&watch, reason] { return watch.has(reason) ? 1.0 : 0.0; },
            {{"reason", std::string(to_string(reason))}});
    }
    metrics.gauge("kedge_audit_entries", "Entries in the audit chain", [&] { return static_cast<double>(instance.log->size()); });
    metrics.gauge("kedge_audit_failed", "1 when the audit log takes nothing more, so no data leaves: /readyz says why", [&] { return instance.log->takes() ? 0.0 : 1.0; });
    metrics.gauge("kedge_store_failed", "1 when the store takes no writes until the server is started anew", [&] { return instance.store->takes_writes() ? 0.0 : 1.0; });
    metrics.gauge("kedge_outbox_waiting", "Ledger transactions that are not mined yet", [&] {
        const auto waiting = instance.outbox->waiting();
        return waiting ? static_cast<double>(*waiting) : -1.0;
    });
    metrics.gauge("kedge_connections", "Open connections", [&shown] {
        const auto* const listener = shown.load();
        return listener == nullptr ? 0.0 : static_cast<double>(listener->stats().connections);
    });
}

ListenOptions listen_options(const Config& config, const Listen& where) {
    ListenOptions out;
    out.address = where.address;
    out.port = where.port;
    out.threads = static_cast<unsigned>(config.io_threads);
    if (!config.tls_certificate.empty()) out.tls = TlsFiles{config.tls_certificate, config.tls_key};
    out.behind_proxy = config.behind_proxy;
    out.limits = config.limits;
    return out;
}

// The signals we answer to are taken by sigwait in the main thread; every other thread is started after they are blocked.
sigset_t block_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    return signals;
}

void wait_for_stop(const sigset_t& signals, Listener& listener, bool tls) {
    int signal = 0;
    while (sigwait(&signals, &signal) == 0 && signal == SIGHUP) {
        if (!tls) continue;
        const auto reloaded = listener.reload_tls();
        if (reloaded) base::log::info("TLS files read again");
        else base::log::error("TLS files were not read again, the old ones stay: " + reloaded.error().diagnostics);
    }
}

}  // namespace

int run(const ServeOptions& options) {
    auto config = load_config(options.config_path, options.overrides);
    if (!config) return say_error(config.error(), 2);
    const auto where = parse_listen(config->listen);
    if (!where) return say_error(where.error(), 2);
    set_log_level(config->log_level);
    const auto signals = block_signals();
    const auto opening = instance_options(*config);
    if (!opening) return say_error(opening.error());
    auto instance = Instance::open(*opening);
    if (!instance) return say_error(instance.error());
    if (auto kept = remember_served_url(config->data_dir, opening->settings.base_url); !kept) return say_error(kept.error());
    Metrics metrics;
    std::atomic<Listener*> shown = nullptr;
    const LedgerWatch watch(**instance);
    add_gauges(metrics, **instance, watch, shown);
    const auto fhir = [services = (*instance)->services.get()](http::Request request, http::Respond respond) {
        rest::handle(std::move(request), *services, std::move(respond));
    };
    auto listener = Listener::start(listen_options(*config, *where), front_door(**instance, watch, metrics, metrics.observe(fhir)));
    if (!listener) return say_error(listener.error());
    shown = listener->get();
    auto control = ControlSocket::open(config->data_dir, operator_commands(**instance));
    if (!control) return say_error(control.error());
    base::log::info("kedge serves " + (*instance)->services->settings.base_url + " (pid " + std::to_string(::getpid()) + ")");
    wait_for_stop(signals, **listener, !config->tls_certificate.empty());
    base::log::info("draining");
    control->reset();
    (*listener)->drain();
    if (auto drained = (*instance)->drain(); !drained) return say_error(drained.error());
    base::log::info("stopped");
    return 0;
}

}  // namespace server
