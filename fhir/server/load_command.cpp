// kedge load: the plan, a serial part, a barrier, a parallel part, and one summary.
#include "fhir/server/commands.hpp"
#include "fhir/server/load_plan.hpp"
#include "fhir/server/load_worker.hpp"

#include <fstream>
#include <iostream>
#include <thread>
#include <vector>

#include <unistd.h>

namespace server {
namespace {

int failed(const std::string& what) {
    std::cerr << "kedge load: " << what << "\n";
    return 1;
}

base::Status send_all(const LoadOptions& options, const LoadPlan& plan, LoadRun& run) {
    const ClientOptions client_options{options.url, options.token, options.ca_file, options.timeout_s};
    std::vector<std::unique_ptr<LoadClient>> clients;
    for (int i = 0; i < options.concurrency; ++i) {
        auto client = LoadClient::make(client_options);
        if (!client) return base::pass(client);
        clients.push_back(std::move(*client));
    }
    std::mutex mutex;
    LoadReader first(plan.first, std::cin);
    work(run, *clients[0], first, mutex);
    LoadReader rest(plan.rest, std::cin);
    // A stream has no file names to tell what comes first, so its first line goes alone: `kedge demo` writes the
    // organisations there.
    if (options.inputs.front() == "-") work(run, *clients[0], rest, mutex, 1);
    std::vector<std::thread> threads;
    for (auto& client : clients) threads.emplace_back([&] { work(run, *client, rest, mutex); });
    for (auto& thread : threads) thread.join();
    return {};
}

}  // namespace

int run(const LoadOptions& options) {
    const auto plan = plan_load(options.inputs);
    if (!plan) return failed(plan.error().diagnostics);
    std::unique_ptr<LoadJournal> journal;
    if (!options.journal.empty()) {
        auto opened = LoadJournal::open(options.journal, options.url);
        if (!opened) return failed(opened.error().diagnostics);
        journal = std::move(*opened);
    }
    std::ofstream report_file;
    if (!options.report.empty()) {
        report_file.open(options.report, std::ios::trunc);
        if (!report_file) return failed("cannot write the report " + options.report);
    }
    LoadReport report(options.report.empty() ? std::cerr : report_file);
    LoadProgress progress(std::cerr, ::isatty(STDERR_FILENO) == 1, plan->bytes);
    LoadRun shared{report, progress, journal.get(), options.retries, {}, {}, {}, [](auto time) { std::this_thread::sleep_for(time); }};
    if (auto sent = send_all(options, *plan, shared); !sent) return failed(sent.error().diagnostics);
    progress.finish(report.count());
    if (shared.stopped) return failed(shared.stop_reason);
    if (report.count() > 0 && !options.report.empty()) std::cerr << "what was refused is in " << options.report << "\n";
    return report.count() > 0 ? 1 : 0;
}

}  // namespace server
