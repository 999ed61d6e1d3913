// kedge without its proof, to measure what proof costs. Built in this folder alone; never install it.
//
//   bench_serve audit-off serve ...   the server as it is, consent's decision included, before a log that takes every entry and keeps none
//   bench_serve neither serve ...     no consent, no audit, and none of the pipeline around them: listener, token, store, rendering
#include "fhir/rest/exchange.hpp"
#include "fhir/rest/pipeline.hpp"
#include "fhir/rest/reading.hpp"
#include "fhir/server/cli.hpp"
#include "fhir/server/config.hpp"
#include "fhir/server/instance.hpp"
#include "fhir/server/listener.hpp"
#include "fhir/server/metrics.hpp"
#include "fhir/server/say.hpp"

#include <csignal>

namespace {

// Acknowledges at once what it throws away; everything else is the real log's.
class Unwritten final : public chain::AuditLog {
  public:
    Unwritten(chain::AuditLog& real, store::KeyRing& keys) : real_(real), keys_(keys) {}
    void append(std::vector<chain::Submission> group, std::function<void(base::Result<chain::Appended>)> done) override {
        // The pipeline asks whether a patient was erased and relies on the key's use for the answer being at hand.
        for (const auto& entry : group) {
            if (const auto key = keys_.patient_key(entry.key_patient, store::KeyUse::audit); !key) return done(base::pass(key));
        }
        done(chain::Appended{});
    }
    base::Status takes() const override { return {}; }
    base::Result<chain::EventHits> search(const chain::EventQuery& query) override { return real_.search(query); }
    base::Result<chain::StoredEvent> event(std::uint64_t seq) override { return real_.event(seq); }
    base::Result<std::optional<std::uint64_t>> find(const std::string& id) override { return real_.find(id); }
    base::Result<bool> contains(const std::string& id) override { return real_.contains(id); }
    base::Result<std::optional<std::uint64_t>> newest_write() override { return real_.newest_write(); }
    std::uint64_t size() const override { return real_.size(); }
    base::Result<proof::Digest> root_at(std::uint64_t size) override { return real_.root_at(size); }
    base::Result<std::vector<proof::Digest>> inclusion(std::uint64_t index, std::uint64_t size) override {
        return real_.inclusion(index, size);
    }
    base::Result<std::vector<proof::Digest>> consistency(std::uint64_t from, std::uint64_t to) override {
        return real_.consistency(from, to);
    }
    base::Result<chain::SignedCheckpoint> checkpoint_now() override { return real_.checkpoint_now(); }
    base::Result<std::optional<chain::SignedCheckpoint>> checkpoint_covering(std::uint64_t index) override {
        return real_.checkpoint_covering(index);
    }
    std::string verifier_key() const override { return real_.verifier_key(); }
    base::Result<std::size_t> fsck(const std::function<void(const std::string&)>& each) override { return real_.fsck(each); }
    base::Status walk_writes(const std::function<base::Status(const proof::Written&)>& each) override { return real_.walk_writes(each); }
    base::Status reindex(const std::function<void(std::uint64_t, std::uint64_t)>& progress) override { return real_.reindex(progress); }
    base::Status backup_to(const std::string& dir) override { return real_.backup_to(dir); }
    base::Status drain() override { return real_.drain(); }

  private:
    chain::AuditLog& real_;
    store::KeyRing& keys_;
};

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
    const std::string mode = count > 1 ? words[1] : "";
    if (mode != "audit-off" && mode != "neither")
        return server::say_error({base::Kind::invalid, "bench_serve audit-off|neither serve ...", {}, {}}, 2);
    const auto parsed = server::parse_command_line(std::vector<std::string>(words + 2, words + count));
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
    const auto& real = *(*instance)->services;
    Unwritten unwritten(real.log, real.keys);
    const rest::Services services{.store = real.store,
                                  .keys = real.keys,
                                  .log = unwritten,
                                  .registry = real.registry,
                                  .auth = real.auth,
                                  .refusals = real.refusals,
                                  .clock = real.clock,
                                  .settings = real.settings,
                                  .page_key = real.page_key.copy(),
                                  .run_later = real.run_later,
                                  .anchor_covering = real.anchor_covering,
                                  .smart_configuration = real.smart_configuration,
                                  .knowledge = real.knowledge};
    const bool audit_off = mode == "audit-off";
    server::Metrics metrics;
    const auto fhir = [&services, audit_off](http::Request request, http::Respond respond) {
        if (audit_off) return rest::handle(std::move(request), services, std::move(respond));
        unaudited_read(std::move(request), services, respond);
    };
    auto listener = server::Listener::start(listen, [observed = metrics.observe(fhir)](http::Request request, http::Respond respond) {
        if (request.path == "/readyz") return respond(http::Response{});
        observed(std::move(request), std::move(respond));
    });
    if (!listener) return server::say_error(listener.error());
    int signal = 0;
    sigwait(&signals, &signal);
    (*listener)->drain();
    return (*instance)->drain() ? 0 : 1;
}
