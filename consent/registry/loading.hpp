// The read side: a patient's current Consents, parsed, held against what was signed for them, and marked effective or not.
#pragma once

#include "consent/registry/make_registry.hpp"
#include "consent/registry/table.hpp"
#include "consent/registry/view_cache.hpp"

#include <mutex>

namespace consent {

// What the mirror shows when a View is made.
struct MirrorState {
    base::TimeUs now = 0;
    std::uint64_t finalized = 0;
    bool wait_for_finality = true;
};

class Loading {
  public:
    Loading(const RegistryOptions& options, store::Store& store, store::KeyRing& keys, store::Database& reader, std::mutex& reader_mutex);

    // Reads through a snapshot of its own, with no audit duty: nothing of it is shown to a caller. Errors: what the store gives; nothing is
    // left out silently, for a Consent that is left out could be a denial.
    base::Result<ViewCache::Loaded> load(const std::string& patient, const MirrorState& mirror);

  private:
    struct Terms {
        bool effective = false;
        base::TimeUs changes_at = INT64_MAX;
    };
    base::Result<std::optional<LedgerRow>> row_of(const store::Record& record);
    base::Result<Terms> terms(const store::Record& record, const MirrorState& mirror);
    base::Status add(const store::Record& record, const std::string& patient, const MirrorState& mirror, ViewCache::Loaded& out);

    const RegistryOptions& options_;
    store::Store& store_;
    store::KeyRing& keys_;
    store::Database& reader_;
    std::mutex& reader_mutex_;
};

}  // namespace consent
