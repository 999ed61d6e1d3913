#include "fhir/server/listener.hpp"

#include "fhir/server/acceptor.hpp"
#include "fhir/server/connection.hpp"
#include "fhir/server/loop.hpp"
#include "storage/base/log.hpp"

#include <algorithm>
#include <future>
#include <mutex>
#include <vector>

#include <boost/asio/post.hpp>
#include <sys/resource.h>

namespace server {
namespace {

// The default soft limit of 1024 files is below our default of 4096 connections.
void raise_file_limit(std::size_t connections) {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < connections + 128) {
        base::log::warn("at most " + std::to_string(limit.rlim_cur) +
                        " files may be open, fewer than limit connections needs; raise LimitNOFILE");
    }
}

}  // namespace

class Listener::Impl {
  public:
    Impl(ListenOptions options, http::Handler handler)
        : options_(std::move(options)),
          shared_(std::make_shared<Shared>(options_.limits, options_.behind_proxy, std::move(handler), options_.refuse)) {}

    base::Status open() {
        raise_file_limit(options_.limits.connections);
        std::shared_ptr<boost::asio::ssl::context> tls;
        if (options_.tls) {
            auto made = make_tls_context(*options_.tls);
            if (!made) return base::pass(made);
            tls = std::move(*made);
        }
        const auto threads = options_.threads != 0 ? options_.threads : std::max(1u, std::thread::hardware_concurrency());
        for (unsigned i = 0; i < threads; ++i) loops_.push_back(std::make_shared<Loop>());
        acceptor_ = std::make_unique<Acceptor>(loops_, shared_, std::move(tls));
        if (auto opened = acceptor_->open(options_.address, options_.port); !opened) return opened;
        for (const auto& loop : loops_) loop->start();
        started_ = true;
        return {};
    }

    ~Impl() { drain(); }

    void drain() {
        const std::lock_guard lock(drain_mutex_);
        if (!started_ || drained_) return;
        drained_ = true;
        std::promise<void> accepting_ended;
        boost::asio::post(loops_[0]->context(), [&] {
            acceptor_->close();
            accepting_ended.set_value();
        });
        accepting_ended.get_future().wait();
        for (const auto& loop : loops_) boost::asio::post(loop->context(), [loop] { loop->drain(); });
        const auto deadline = Loop::Clock::now() + std::chrono::milliseconds(options_.limits.drain_timeout_ms);
        while (open_connections(loops_) > 0 && Loop::Clock::now() < deadline) std::this_thread::sleep_for(std::chrono::milliseconds(5));
        if (const auto left = open_connections(loops_); left > 0) {
            base::log::warn(std::to_string(left) + " connections did not finish in time and are cut off");
        }
        for (const auto& loop : loops_) loop->stop();
    }

    base::Status reload_tls() {
        if (!options_.tls) return base::fail(base::Kind::invalid, "this listener has no TLS files to reload");
        auto made = make_tls_context(*options_.tls);
        if (!made) return base::pass(made);
        acceptor_->set_tls(std::move(*made));
        return {};
    }

    ListenerStats stats() const {
        return {open_connections(loops_), shared_->refused_count.load(), acceptor_->turned_away(), shared_->bodies.used()};
    }
    std::uint16_t port() const { return acceptor_->port(); }

  private:
    const ListenOptions options_;
    std::shared_ptr<Shared> shared_;
    std::vector<std::shared_ptr<Loop>> loops_;
    std::unique_ptr<Acceptor> acceptor_;  // uses the loops' contexts: declared behind them, destroyed before them
    std::mutex drain_mutex_;
    bool started_ = false;
    bool drained_ = false;
};

Listener::Listener(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Listener::~Listener() = default;

base::Result<std::unique_ptr<Listener>> Listener::start(ListenOptions options, http::Handler handler) {
    auto impl = std::make_unique<Impl>(std::move(options), std::move(handler));
    if (auto opened = impl->open(); !opened) return base::pass(opened);
    return std::unique_ptr<Listener>(new Listener(std::move(impl)));
}

std::uint16_t Listener::port() const {
    return impl_->port();
}
void Listener::drain() {
    impl_->drain();
}
base::Status Listener::reload_tls() {
    return impl_->reload_tls();
}
ListenerStats Listener::stats() const {
    return impl_->stats();
}

}  // namespace server
