// Sends units until there are none left: retries, journal, report.
#pragma once

#include "fhir/server/load_client.hpp"
#include "fhir/server/load_journal.hpp"
#include "fhir/server/load_progress.hpp"
#include "fhir/server/load_report.hpp"
#include "fhir/server/load_unit.hpp"

#include <atomic>
#include <functional>
#include <mutex>

namespace server {

// What the workers of one run share.
struct LoadRun {
    LoadReport& report;
    LoadProgress& progress;
    LoadJournal* journal = nullptr;  // may be absent
    int retries = 8;
    std::atomic<bool> stopped{false};  // nothing that follows could succeed: no token, no journal
    std::mutex mutex;                  // guards stop_reason
    std::string stop_reason;
    // Waits between retries; tests put in one that does not.
    std::function<void(std::chrono::milliseconds)> sleep;

    void stop(std::string reason);
};

// Sends one unit to its end: acknowledged, refused or known already.
void send_unit(LoadRun& run, LoadClient& client, const LoadUnit& unit);

// Takes units from `reader` under `mutex` until it is at its end or the run is stopped; at most `most` of them.
void work(LoadRun& run, LoadClient& client, LoadReader& reader, std::mutex& mutex, std::uint64_t most = UINT64_MAX);

// How long to wait before try number `attempt` (from 0): what the server asks for, at most a minute; else 200 ms doubling
// to 10 s.
std::chrono::milliseconds pause_before(int attempt, std::optional<int> retry_after_s);

}  // namespace server
