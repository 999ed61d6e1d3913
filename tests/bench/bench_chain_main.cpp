// The audit log under callers that wait, as responses do: appends per second and processor time for each append, on the caller and on the
// log thread; then many entries, the index, start and fsck. Usage: bench_chain [SECONDS [ENTRIES]].
#include "anchoring/chain/log.hpp"
#include "anchoring/chain/sealer.hpp"
#include "storage/crypto/random.hpp"
#include "tests/anchoring/chain/fixture.hpp"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <future>
#include <semaphore>
#include <thread>

#include <sys/resource.h>
#include <time.h>

namespace {

using Clock = std::chrono::steady_clock;

double thread_cpu_us() {
    timespec t{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_nsec) / 1e3;
}
double process_cpu_us() {
    rusage u{};
    getrusage(RUSAGE_SELF, &u);
    return static_cast<double>(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e6 + static_cast<double>(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

// Adds the processor time of the log thread up, as its callback sees it.
struct Meter final : chain::Disk {
    std::atomic<std::uint64_t> groups{0}, bytes{0};
    std::atomic<double> sync_us{0};
    base::Status write_at(int fd, base::ByteView b, std::uint64_t at) override {
        bytes += b.size();
        return Disk::write_at(fd, b, at);
    }
    base::Status sync(int fd) override {
        ++groups;
        const auto start = Clock::now();
        auto ok = Disk::sync(fd);
        sync_us = sync_us + std::chrono::duration<double, std::micro>(Clock::now() - start).count();
        return ok;
    }
};

void prepare_alone(store::KeyRing& keys) {
    const chain::Sealer sealer(keys);
    auto s = chain_test::submission(crypto::random_uuid());
    base::Bytes tails;
    for (int i = 0; i < 200; ++i) sealer.prepare(s, tails).value();
    const int n = 20'000;
    std::size_t bytes = 0;
    const auto start = thread_cpu_us();
    for (int i = 0; i < n; ++i) {
        tails.clear();
        bytes += sealer.prepare(s, tails)->tail_size;
    }
    std::printf("caller: %.2f us an event of %zu bytes -> %zu bytes stored (%zu index keys)\n", (thread_cpu_us() - start) / n,
                s.content.size(), bytes / static_cast<std::size_t>(n),
                s.keys.patients.size() + s.keys.agents.size() + s.keys.entities.size());
}

void run(chain::AuditLog& log, Meter& meter, int callers, double seconds) {
    std::atomic<bool> stop{false};
    std::atomic<std::uint64_t> total{0};
    std::atomic<double> caller_us{0}, log_cpu_start{0}, log_cpu_end{0}, waking_us{0};
    std::vector<std::thread> threads;
    const auto groups = meter.groups.load();
    meter.sync_us = 0;
    const auto cpu = process_cpu_us();
    const auto start = Clock::now();
    base::SystemClock clock;
    std::mutex latency_mutex;
    std::vector<float> latency;
    for (int t = 0; t < callers; ++t) {
        threads.emplace_back([&, t] {
            std::binary_semaphore ready{0};
            double spent = 0;
            std::vector<float> own;
            while (!stop) {
                auto s = chain_test::submission(crypto::random_uuid(), std::to_string(t % 7), clock.now_us());
                const auto before = thread_cpu_us();
                const auto begin = Clock::now();
                log.append({std::move(s)}, [&](base::Result<chain::Appended> ok) {
                    if (!ok) std::abort();
                    const auto now = thread_cpu_us();
                    if (log_cpu_start == 0) log_cpu_start = now;
                    ready.release();
                    log_cpu_end = thread_cpu_us();
                    waking_us = waking_us + (log_cpu_end - now);
                });
                spent += thread_cpu_us() - before;
                ready.acquire();
                own.push_back(std::chrono::duration<float, std::micro>(Clock::now() - begin).count());
            }
            total += own.size();
            caller_us = caller_us + spent;
            const std::lock_guard lock(latency_mutex);
            latency.insert(latency.end(), own.begin(), own.end());
        });
    }
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    stop = true;
    for (auto& thread : threads) thread.join();
    const double took = std::chrono::duration<double>(Clock::now() - start).count();
    const double n = static_cast<double>(total);
    const auto made = static_cast<double>(meter.groups - groups);
    std::sort(latency.begin(), latency.end());
    std::printf(
        "%3d callers: %8.0f appends/s, %5.1f a group, sync %.0f us | CPU/append: append() %.1f us, log thread %.1f us and %.1f us to wake "
        "the caller, process %.1f us | "
        "p50 %.0f us p99 %.0f us\n",
        callers, n / took, n / made, meter.sync_us / made, caller_us / n, (log_cpu_end - log_cpu_start - waking_us) / n, waking_us / n,
        (process_cpu_us() - cpu) / n, static_cast<double>(latency[latency.size() / 2]),
        static_cast<double>(latency[latency.size() * 99 / 100]));
}

// Many entries at once without waiting, then the times of starting, searching and the index.
void large(chain_test::Fixture& f, Meter& meter, std::uint64_t entries) {
    const auto before = meter.groups.load();
    meter.sync_us = 0;
    std::atomic<std::uint64_t> done{0};
    std::atomic<double> log_cpu{0};
    const auto from = f.log->size();
    auto start = Clock::now();
    for (std::uint64_t i = 0; i < entries; ++i) {
        while (i - done > 16'384) std::this_thread::sleep_for(std::chrono::microseconds(200));
        f.log->append({chain_test::submission(crypto::random_uuid(), std::to_string(i % 50), f.clock.now_us())}, [&](const auto& ok) {
            if (!ok) std::abort();
            if (++done == 1) log_cpu = -thread_cpu_us();
            if (done == entries) log_cpu = log_cpu + thread_cpu_us();
        });
    }
    while (done < entries) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    const auto groups = meter.groups.load();
    auto seconds = [&] { return std::chrono::duration<double>(Clock::now() - start).count(); };
    std::printf("%llu entries poured in: %.1f s, %.0f/s, %.0f a group, sync %.0f us, log thread %.2f us CPU an entry\n",
                static_cast<unsigned long long>(entries), seconds(), static_cast<double>(entries) / seconds(),
                static_cast<double>(entries) / static_cast<double>(groups - before), meter.sync_us / static_cast<double>(groups - before),
                log_cpu / static_cast<double>(entries));
    chain::EventQuery query;
    query.patients = {"33"};
    query.limit = 50;
    start = Clock::now();
    auto cpu = process_cpu_us();
    auto hits = f.log->search(query);
    std::printf("  catching up and searching: %.3f s, %.2f us CPU an entry\n", seconds(),
                (process_cpu_us() - cpu) / static_cast<double>(entries));
    cpu = thread_cpu_us();
    for (int i = 0; i < 100; ++i) hits = f.log->search(query);
    std::printf("  a search by patient (%zu hits): %.0f us CPU\n", hits->seqs.size(), (thread_cpu_us() - cpu) / 100);
    start = Clock::now();
    if (!f.log->drain()) std::abort();
    std::printf("  drain: %.3f s\n", seconds());
    f.log.reset();
    start = Clock::now();
    f.open();
    std::printf("  start with %llu entries: %.4f s\n", static_cast<unsigned long long>(f.log->size()), seconds());
    std::uintmax_t log_bytes = 0, index_bytes = 0;
    for (const auto& file : std::filesystem::directory_iterator(f.options.dir))
        (file.path().string().find("index") != std::string::npos ? index_bytes : log_bytes) += file.file_size();
    std::printf("  on disk: log %.0f bytes an entry, index %.0f\n", static_cast<double>(log_bytes) / static_cast<double>(from + entries),
                static_cast<double>(index_bytes) / static_cast<double>(from + entries));
    start = Clock::now();
    std::size_t found = 0;
    f.log->fsck([&](const std::string&) { ++found; }).value();
    std::printf("  fsck: %.1f s, %zu findings\n", seconds(), found);
    start = Clock::now();
    cpu = process_cpu_us();
    if (!f.log->reindex({})) std::abort();
    std::printf("  reindex: %.1f s, %.1f us CPU an entry\n", seconds(), (process_cpu_us() - cpu) / static_cast<double>(from + entries));
}

}  // namespace

int main(int argc, char** argv) {
    const double seconds = argc > 1 ? std::atof(argv[1]) : 3;
    const std::uint64_t entries = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 200'000;
    chain_test::Fixture f(false);
    const auto meter = std::make_shared<Meter>();
    f.options.disk = meter;
    f.options.checkpoint_ms = 1000;
    f.options.checkpoint_entries = 5000;
    prepare_alone(*f.keys);
    f.open();
    for (const int callers : {1, 16, 64}) run(*f.log, *meter, callers, seconds);
    large(f, *meter, entries);
    return 0;
}
