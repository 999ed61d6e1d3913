#include "consent/registry/view_cache.hpp"

namespace consent {

base::Result<ViewCache::ViewPtr> ViewCache::get(const std::string& patient, base::TimeUs now,
                                                const std::function<base::Result<Loaded>()>& load) {
    {
        std::lock_guard lock(mutex_);
        if (const auto found = by_patient_.find(patient); found != by_patient_.end()) {
            const Place place = found->second;
            if (now < place->loaded.valid_until) {
                entries_.splice(entries_.begin(), entries_, place);
                return ViewPtr(place->loaded.view);
            }
            drop(place);
            ++epoch_of(patient);  // the answer changes with the hour
        }
    }
    for (int attempt = 0; attempt < 16; ++attempt) {
        const std::uint64_t before = epoch(patient);
        auto loaded = load();
        if (!loaded) return base::pass(loaded);
        loaded->view->epoch = before;
        std::lock_guard lock(mutex_);
        if (epoch(patient) != before) continue;
        if (const auto found = by_patient_.find(patient); found != by_patient_.end()) drop(found->second);
        const ViewPtr view = loaded->view;
        const auto record = loaded->patient;
        entries_.push_front({patient, std::move(*loaded)});
        by_patient_[patient] = entries_.begin();
        by_record_[record] = entries_.begin();
        if (entries_.size() > most_) drop(std::prev(entries_.end()));
        return view;
    }
    return base::fail(base::Kind::unavailable, "this patient's consents change faster than they can be read; try again");
}

void ViewCache::forget(const std::string& patient) {
    std::lock_guard lock(mutex_);
    ++epoch_of(patient);
    if (const auto found = by_patient_.find(patient); found != by_patient_.end()) drop(found->second);
}

void ViewCache::forget(const std::vector<store::RecordId>& patients) {
    if (patients.empty()) return;
    std::lock_guard lock(mutex_);
    ++ledger_epoch_;
    for (const auto& patient : patients) {
        if (const auto found = by_record_.find(patient); found != by_record_.end()) drop(found->second);
    }
}

void ViewCache::drop(Place place) {
    by_patient_.erase(place->patient);
    by_record_.erase(place->loaded.patient);
    entries_.erase(place);
}

}  // namespace consent
