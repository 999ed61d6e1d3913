// What a server's answer to one unit means, and where refusals are written down.
#pragma once

#include "fhir/server/load_client.hpp"
#include "fhir/server/load_unit.hpp"

#include <cstdint>
#include <mutex>
#include <ostream>
#include <string>
#include <vector>

namespace server {

struct LoadFailure {
    std::string file;
    std::uint64_t line = 0;
    std::int64_t entry = -1;  // index in the bundle; -1: the whole request
    int status = 0;           // 0: no answer, or not sent at all
    std::string diagnostics;
};

// The refusals in an answer: none, the whole request, or entries of a batch.
std::vector<LoadFailure> failures_in(const LoadUnit& unit, const LoadRequest& request, const Answer& answer);

// The diagnostics (or details.text) of an OperationOutcome's issues; else the beginning of the text.
std::string diagnostics_of(std::string_view body);

// Writes failures as JSON lines and counts them. Thread-safe.
class LoadReport {
  public:
    explicit LoadReport(std::ostream& out) : out_(out) {}
    void add(const LoadFailure& failure);
    std::uint64_t count() const;

  private:
    mutable std::mutex mutex_;
    std::ostream& out_;
    std::uint64_t count_ = 0;
};

}  // namespace server
