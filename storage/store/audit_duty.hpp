// No proof, no data, as a type: no answer leaves before its audit entry is durable. Every read of stored data takes an AuditDuty, and a
// duty that is dropped without an audit entry stops the program in debug builds and raises an alarm in release builds.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_set>
#include <vector>

namespace store {

// One version that was looked at, in the order it was.
struct Touched {
    std::string type, id;
    std::uint32_t version = 0;
    std::string patient;  // logical id of the Patient it belongs to, empty when none
};

// Made by whoever answers a request (rest/pipeline), or by a tool that names its reason. One request, one thread at a time.
class AuditDuty {
  public:
    AuditDuty() = default;
    ~AuditDuty();
    AuditDuty(AuditDuty&& other) noexcept;
    AuditDuty& operator=(AuditDuty&&) = delete;
    AuditDuty(const AuditDuty&) = delete;
    AuditDuty& operator=(const AuditDuty&) = delete;

    // Called by the store whenever it hands out a record. The same version is kept once.
    void note(Touched touched);
    const std::vector<Touched>& touched() const { return touched_; }

    // The entry is durable, or nothing was disclosed and nothing will be answered.
    void discharge() { owed_ = false; }

    // For offline tools (fsck, reindex, backup), which disclose nothing to a caller: names why no entry is owed.
    static AuditDuty exempt(const char* reason);

  private:
    bool is_new(const Touched& touched);

    bool owed_ = false;
    const char* exempt_ = nullptr;
    std::vector<Touched> touched_;
    std::unordered_set<std::string> seen_;  // once there are many
};

}  // namespace store
