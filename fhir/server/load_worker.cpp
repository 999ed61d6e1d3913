#include "fhir/server/load_worker.hpp"

#include <algorithm>

namespace server {
namespace {

using std::chrono::milliseconds;

bool asks_for_patience(const base::Result<Answer>& answer) {
    return answer && (answer->status == 503 || answer->status == 429);
}

// May the same bytes be sent again? Yes when the server says it did not take them, when they did not arrive, or when
// taking them twice makes no difference. A create whose answer was lost is not repeated: it might be stored twice.
bool may_repeat(const base::Result<Answer>& answer, const LoadRequest& request) {
    if (answer) return asks_for_patience(answer);
    return answer.error().kind == base::Kind::unavailable || request.repeatable;
}

base::Result<Answer> send_with_patience(LoadRun& run, LoadClient& client, const LoadUnit& unit, const LoadRequest& request) {
    for (int attempt = 0;; ++attempt) {
        auto answer = client.send(request.method, request.path, unit.body);
        if (attempt == run.retries || run.stopped || !may_repeat(answer, request)) return answer;
        run.sleep(pause_before(attempt, answer ? answer->retry_after_s : std::nullopt));
    }
}

}  // namespace

void LoadRun::stop(std::string reason) {
    const std::lock_guard lock(mutex);
    if (!stopped.exchange(true)) stop_reason = std::move(reason);
}

std::chrono::milliseconds pause_before(int attempt, std::optional<int> retry_after_s) {
    if (retry_after_s) return milliseconds(1000 * std::clamp(*retry_after_s, 0, 60));
    return milliseconds(std::min(10'000, 200 << std::min(attempt, 10)));
}

void send_unit(LoadRun& run, LoadClient& client, const LoadUnit& unit) {
    const auto key = run.journal ? LoadJournal::key_of(unit.file, unit.line, unit.body) : std::string();
    if (run.journal && run.journal->has(key)) return run.progress.add({unit.bytes, 0, 0, 1}, run.report.count());
    const auto request = request_of(unit.body);
    if (!request) {
        run.report.add({unit.file, unit.line, -1, 0, request.error().diagnostics});
        return run.progress.add({unit.bytes, 0, 0, 0}, run.report.count());
    }
    if (run.journal && run.journal->begun(key)) {
        run.report.add({unit.file, unit.line, -1, 0, "not sent: it was sent by an earlier run that did not see the answer, so it may be stored already. To send it again take the line `begun " +
                                                         key + "` out of the journal"});
        return run.progress.add({unit.bytes, 0, 0, 0}, run.report.count());
    }
    // Should this process end before the answer is written down, the next one must not store the unit twice.
    if (run.journal && !request->repeatable) {
        if (auto begun = run.journal->begin(key); !begun) return run.stop(begun.error().diagnostics);
    }
    const auto answer = send_with_patience(run, client, unit, *request);
    // A 500 may stand for a write that is stored and could not be audited, a 502 or 504 for one that a proxy did not see the end of.
    const bool unknown = answer ? answer->status >= 500 && !asks_for_patience(answer) : answer.error().kind == base::Kind::fault;
    const bool acknowledged = answer && answer->status >= 200 && answer->status < 300;
    if (run.journal) {
        // Also a batch of which some entries were refused: sending it again would store the others twice.
        const auto kept = acknowledged ? run.journal->add(key) : unknown ? base::Status() : run.journal->free(key);
        if (!kept) run.stop(kept.error().diagnostics);
    }
    if (!answer) {
        run.report.add({unit.file, unit.line, -1, 0, answer.error().diagnostics + (unknown ? "; it may or may not be stored" : "")});
        return run.progress.add({unit.bytes, 0, 0, 0}, run.report.count());
    }
    const auto failures = failures_in(unit, *request, *answer);
    for (const auto& failure : failures) run.report.add(failure);
    if (answer->status == 401) run.stop("the server wants a valid token (401); give one with --token or KEDGE_TOKEN");
    const auto stored = acknowledged ? request->entries - std::min(request->entries, failures.size()) : 0;
    run.progress.add({unit.bytes, acknowledged ? 1u : 0u, stored, 0}, run.report.count());
}

void work(LoadRun& run, LoadClient& client, LoadReader& reader, std::mutex& mutex, std::uint64_t most) {
    for (std::uint64_t done = 0; done < most && !run.stopped; ++done) {
        LoadUnit unit;
        {
            const std::lock_guard lock(mutex);
            const auto more = reader.next(unit);
            if (!more) {
                run.report.add({unit.file, 0, -1, 0, more.error().diagnostics});
                continue;
            }
            if (!*more) return;
        }
        send_unit(run, client, unit);
    }
}

}  // namespace server
