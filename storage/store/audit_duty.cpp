#include "storage/store/audit_duty.hpp"

#include "storage/base/log.hpp"

#include <algorithm>
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
    : owed_(std::exchange(other.owed_, false)),
      exempt_(other.exempt_),
      touched_(std::move(other.touched_)),
      seen_(std::move(other.seen_)) {}

void AuditDuty::note(Touched touched) {
    // An exempt tool can walk a million records: it owes nothing, so it keeps nothing.
    if (exempt_ != nullptr) return;
    owed_ = true;
    if (is_new(touched)) touched_.push_back(std::move(touched));
}

// A search hit whose body is then fetched is touched once. Few are compared one by one, many are looked up.
bool AuditDuty::is_new(const Touched& touched) {
    constexpr std::size_t kFew = 16;
    const auto name = [](const Touched& each) { return each.type + "/" + each.id + "/" + std::to_string(each.version); };
    if (touched_.size() < kFew) {
        return std::none_of(touched_.begin(), touched_.end(), [&](const Touched& each) {
            return each.version == touched.version && each.id == touched.id && each.type == touched.type;
        });
    }
    if (seen_.empty()) {
        for (const auto& each : touched_) seen_.insert(name(each));
    }
    return seen_.insert(name(touched)).second;
}

AuditDuty AuditDuty::exempt(const char* reason) {
    AuditDuty duty;
    duty.exempt_ = reason;
    return duty;
}

}  // namespace store
