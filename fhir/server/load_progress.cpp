#include "fhir/server/load_progress.hpp"

#include <algorithm>
#include <cstdio>

namespace server {
namespace {

constexpr auto kBetweenBars = std::chrono::milliseconds(100);
constexpr auto kBetweenLines = std::chrono::seconds(5);
constexpr int kBarWidth = 30;

}  // namespace

LoadProgress::LoadProgress(std::ostream& out, bool terminal, std::uint64_t total_bytes)
    : out_(out), terminal_(terminal), total_bytes_(total_bytes), shown_(begin_) {}

void LoadProgress::add(const Count& more, std::uint64_t refused) {
    const std::lock_guard lock(mutex_);
    count_.bytes += more.bytes;
    count_.requests += more.requests;
    count_.resources += more.resources;
    count_.skipped += more.skipped;
    const auto now = Clock::now();
    if (terminal_ ? now - shown_ < kBetweenBars : now - shown_ < kBetweenLines) return;
    shown_ = now;
    out_ << (terminal_ ? "\r" : "") << line(refused, false) << (terminal_ ? "\x1b[K" : "\n") << std::flush;
}

std::string LoadProgress::line(std::uint64_t refused, bool last) const {
    const double seconds = std::max(0.001, std::chrono::duration<double>(Clock::now() - begin_).count());
    std::string out;
    if (total_bytes_ > 0 && !last) {
        const double share = std::min(1.0, static_cast<double>(count_.bytes) / static_cast<double>(total_bytes_));
        const int filled = static_cast<int>(share * kBarWidth);
        if (terminal_)
            out = "[" + std::string(static_cast<std::size_t>(filled), '#') +
                  std::string(static_cast<std::size_t>(kBarWidth - filled), ' ') + "] ";
        out += std::to_string(static_cast<int>(share * 100)) + " % ";
    }
    out += std::to_string(count_.resources) + " resources in " + std::to_string(count_.requests) + " requests";
    char rate[64];
    std::snprintf(rate, sizeof rate, ", %.1f s, %.0f resources/s", seconds, static_cast<double>(count_.resources) / seconds);
    out += rate;
    if (count_.skipped > 0) out += ", " + std::to_string(count_.skipped) + " requests known from the journal";
    if (refused > 0) out += ", " + std::to_string(refused) + " refused";
    return out;
}

void LoadProgress::finish(std::uint64_t refused) {
    const std::lock_guard lock(mutex_);
    out_ << (terminal_ ? "\r\x1b[K" : "") << "loaded " << line(refused, true) << "\n" << std::flush;
}

LoadProgress::Count LoadProgress::count() const {
    const std::lock_guard lock(mutex_);
    return count_;
}

}  // namespace server
