// Views by patient, bounded, and never older than the last word about that patient: a View that was being loaded while a commit or a
// ledger event came in is not kept and not given out. A stale answer from a cache is how permission engines failed.
#pragma once

#include "consent/registry/registry.hpp"

#include <array>
#include <atomic>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <unordered_map>

namespace consent {

class ViewCache {
  public:
    using ViewPtr = std::shared_ptr<const Registry::View>;
    struct Loaded {
        std::shared_ptr<Registry::View> view;
        base::TimeUs valid_until = INT64_MAX;  // a period begins or ends then
        store::RecordId patient{};
    };

    explicit ViewCache(std::size_t most) : most_(most) {}

    // The cached View, or what `load` gives; `load` runs again when something changed meanwhile. Thread-safe; `load` runs without a lock,
    // on the caller's thread. Errors: those of `load`; Kind::unavailable when changes outran it again and again.
    base::Result<ViewPtr> get(const std::string& patient, base::TimeUs now, const std::function<base::Result<Loaded>()>& load);

    void forget(const std::string& patient);
    // The follower knows patients by their opaque ids alone. Every load in flight runs again.
    void forget(const std::vector<store::RecordId>& patients);

  private:
    struct Entry {
        std::string patient;
        Loaded loaded;
    };
    using Place = std::list<Entry>::iterator;

    std::atomic<std::uint64_t>& epoch_of(const std::string& patient) { return epochs_[std::hash<std::string>{}(patient) % epochs_.size()]; }
    std::uint64_t epoch(const std::string& patient) { return epoch_of(patient) + ledger_epoch_; }
    void drop(Place place);

    const std::size_t most_;
    std::mutex mutex_;
    std::list<Entry> entries_;  // the last used first
    std::unordered_map<std::string, Place> by_patient_;
    std::map<store::RecordId, Place> by_record_;
    // Counters, not times: each change counts one up. Shared by patients whose hashes meet, which only costs a load.
    std::array<std::atomic<std::uint64_t>, 1024> epochs_{};
    std::atomic<std::uint64_t> ledger_epoch_{1};
};

}  // namespace consent
