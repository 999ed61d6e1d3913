#include "storage/store/audit_duty.hpp"

#include "storage/base/log.hpp"

#include <cstdlib>
#include <utility>

namespace store {

AuditDuty::~AuditDuty() {
    if (!owed_) return;
    base::log::error("ALARM: stored data was read and its audit duty dropped: a code path answers without proof");
#ifndef NDEBUG
    std::abort();
#endif
}

AuditDuty::AuditDuty(AuditDuty&& other) noexcept
    : owed_(std::exchange(other.owed_, false)), exempt_(other.exempt_), touched_(std::move(other.touched_)) {}

void AuditDuty::note(Touched touched) {
    // An exempt tool can walk a million records: it owes nothing, so it keeps nothing.
    if (exempt_ != nullptr) return;
    owed_ = true;
    touched_.push_back(std::move(touched));
}

AuditDuty AuditDuty::exempt(const char* reason) {
    AuditDuty duty;
    duty.exempt_ = reason;
    return duty;
}

}  // namespace store
