// kedge's listener alone, serving one file from memory: what it costs beside bench_bare_listener.
// bench_listener PORT FILE [THREADS] [later]: with "later" every answer comes from another thread, as after a group commit.
#include "fhir/server/listener.hpp"

#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace {

class Answerer {
  public:
    explicit Answerer(http::Response response) : response_(std::move(response)), thread_([this](std::stop_token stop) { run(stop); }) {}
    void add(http::Respond respond) {
        const std::lock_guard lock(mutex_);
        waiting_.push_back(std::move(respond));
        some_.notify_one();
    }

  private:
    void run(const std::stop_token& stop) {
        for (std::vector<http::Respond> group; !stop.stop_requested(); group.clear()) {
            std::unique_lock lock(mutex_);
            some_.wait(lock, stop, [this] { return !waiting_.empty(); });
            group.swap(waiting_);
            lock.unlock();
            for (const auto& respond : group) respond(response_);
        }
    }
    const http::Response response_;
    std::mutex mutex_;
    std::condition_variable_any some_;
    std::vector<http::Respond> waiting_;
    std::jthread thread_;  // last, so that it begins when all the rest is there
};

}  // namespace

int main(int argc, char** argv) {
    std::ifstream in(argc > 2 ? argv[2] : "", std::ios::binary);
    if (!in) {
        std::cerr << "usage: bench_listener PORT FILE [THREADS] [later]\n";
        return 2;
    }
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, nullptr);  // before any thread starts, so that only sigwait gets it

    http::Response response;
    response.headers.emplace_back("Content-Type", "application/fhir+json");
    response.body.assign(std::istreambuf_iterator<char>(in), {});
    server::ListenOptions options;
    options.port = static_cast<std::uint16_t>(std::atoi(argv[1]));
    options.threads = argc > 3 ? static_cast<unsigned>(std::atoi(argv[3])) : 0;
    const bool later = argc > 4 && std::strcmp(argv[4], "later") == 0;
    Answerer answerer(response);
    // The handler copies the body for each request, as a store that reads it would.
    const auto listener = server::Listener::start(options, [&](http::Request, http::Respond respond) {
        if (later) return answerer.add(std::move(respond));
        respond(response);
    });
    if (!listener) {
        std::cerr << listener.error().diagnostics << "\n";
        return 1;
    }
    int received = 0;
    sigwait(&signals, &received);
    return 0;
}
