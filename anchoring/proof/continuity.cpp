#include "anchoring/proof/continuity.hpp"

namespace proof {

std::string Continuity::add(std::uint64_t seq, const Digest& hash, const Digest& previous) {
    if (latest_) (seq > *latest_ ? rises_ : falls_) = true;
    latest_ = seq;
    // Entries come in order, up or down: their place is at one of the ends.
    const auto count = entries_.size();
    const auto hint = !entries_.empty() && seq < entries_.begin()->first ? entries_.begin() : entries_.end();
    const auto at = entries_.emplace_hint(hint, seq, Links{hash, previous});
    if (entries_.size() == count) {
        return "entry " + std::to_string(seq) +
               (at->second.hash == hash ? " is here twice" : ": two different entries bear this number: the log was forked");
    }
    const auto broken = [](std::uint64_t one) {
        return "the chain is broken between entries " + std::to_string(one) + " and " + std::to_string(one + 1);
    };
    if (at != entries_.begin()) {
        const auto& before = *std::prev(at);
        if (before.first + 1 == seq && before.second.hash != previous) return broken(before.first);
    }
    const auto after = std::next(at);
    if (after != entries_.end() && seq + 1 == after->first && hash != after->second.previous) return broken(seq);
    if (seq == 0 && previous != Digest{}) return "entry 0 names an entry before it: the log does not begin here";
    return {};
}

std::vector<Continuity::Run> Continuity::missing(std::uint64_t first, std::uint64_t last) const {
    std::vector<Run> out;
    auto next = first;
    for (auto at = entries_.lower_bound(first); at != entries_.end() && at->first <= last; ++at) {
        if (at->first > next) out.push_back({next, at->first - 1});
        next = at->first + 1;
        if (at->first == UINT64_MAX) return out;
    }
    if (next <= last) out.push_back({next, last});
    return out;
}

}  // namespace proof
