#include "anchoring/chain/event_index.hpp"

#include <algorithm>

namespace chain {
namespace {

// The entries that bear at least one of some tokens, newest first.
class AnyOf {
  public:
    AnyOf(IndexView& view, std::vector<Token> tokens) : view_(view), tokens_(std::move(tokens)), below_(view.end()) {
        std::sort(tokens_.begin(), tokens_.end());
        tokens_.erase(std::unique(tokens_.begin(), tokens_.end()), tokens_.end());
        for (const auto& token : tokens_) in_file_.emplace_back(view, token, view.in_file());
    }
    // The newest entry at or before `most`, which never grows from call to call.
    base::Result<std::optional<std::uint64_t>> newest(std::uint64_t most) {
        if (const auto recent = newest_recent(most)) return recent;
        std::optional<std::uint64_t> out;
        for (std::size_t i = 0; i < in_file_.size();) {
            const auto found = in_file_[i].newest(most);
            if (!found) return found;
            if (!*found) {  // nor will it have one later: of all the types that an id alone may mean, few have it
                in_file_.erase(in_file_.begin() + static_cast<std::ptrdiff_t>(i));
                continue;
            }
            if (!out || **found > *out) out = *found;
            ++i;
        }
        return out;
    }

  private:
    // All tokens in one pass over what is in memory.
    std::optional<std::uint64_t> newest_recent(std::uint64_t most) {
        if (recent_ && *recent_ <= most) return recent_;
        recent_.reset();
        if (most < below_) below_ = most + 1;
        while (!recent_ && below_ > view_.in_file()) {
            const auto& row = view_.recent().row(--below_);
            if (wanted(row.id) || std::any_of(row.tokens.begin(), row.tokens.end(), [this](const Token& t) { return wanted(t); })) recent_ = below_;
        }
        return recent_;
    }
    bool wanted(const Token& token) const { return std::binary_search(tokens_.begin(), tokens_.end(), token); }

    IndexView& view_;
    std::vector<Token> tokens_;              // sorted
    std::optional<std::uint64_t> recent_;    // the last one found in memory
    std::uint64_t below_;                    // in memory, what is at or above was looked through
    std::vector<Postings> in_file_;
};

class Searcher {
  public:
    Searcher(const IndexQuery& query, IndexView& view) : query_(query), view_(view) {
        for (const auto* tokens : {&query.ids, &query.patients, &query.entities, &query.agents}) {
            if (!tokens->empty()) conditions_.emplace_back(view, *tokens);
        }
    }

    base::Result<EventHits> run() {
        if (auto ok = bound(); !ok) return base::pass(ok);
        for (auto below = high_; below > low_;) {
            const auto found = candidate(below - 1);
            if (!found) return base::pass(found);
            if (!*found || **found < low_) break;
            below = **found;
            const auto more = judge(below);
            if (!more) return base::pass(more);
            if (!*more) break;
        }
        if (query_.count_total) hits_.total = total_;
        return hits_;
    }

  private:
    // Entries [low_, high_) hold all that can be meant.
    base::Status bound() {
        high_ = std::min(query_.before_seq, view_.end());
        if (query_.from_us) {
            const auto low = lowest_from(view_.db(), *query_.from_us);
            if (!low) return base::pass(low);
            low_ = std::min(*low, view_.in_file());  // of what is in memory no span knows
        }
        if (query_.before_us && view_.end() == view_.in_file()) {
            const auto end = end_before(view_.db(), *query_.before_us);
            if (!end) return base::pass(end);
            high_ = std::min(high_, *end);
        }
        return {};
    }

    // The newest entry at or before `most` that bears a token of each condition.
    base::Result<std::optional<std::uint64_t>> candidate(std::uint64_t most) {
        for (bool agreed = false; !agreed;) {
            agreed = true;
            for (auto& condition : conditions_) {
                const auto found = condition.newest(most);
                if (!found || !*found) return found;
                if (**found == most) continue;
                most = **found;
                agreed = &condition == conditions_.data();  // the first one has just looked; later ones send it back
            }
        }
        return most;
    }

    // false: the search can end.
    base::Result<bool> judge(std::uint64_t seq) {
        const auto facts = view_.facts(seq);
        if (!facts) return base::pass(facts);
        if (facts->kind != proof::EntryKind::event) return true;
        if ((query_.from_us && facts->recorded_us < *query_.from_us) || (query_.before_us && facts->recorded_us >= *query_.before_us))
            return true;
        if (!query_.actions.empty() && query_.actions.find(facts->action) == std::string::npos) return true;
        const auto& outcomes = query_.outcomes;
        if (!outcomes.empty() && std::find(outcomes.begin(), outcomes.end(), facts->outcome) == outcomes.end()) return true;
        const auto& subtypes = query_.subtypes;
        if (!subtypes.empty() && std::find(subtypes.begin(), subtypes.end(), facts->subtype) == subtypes.end()) return true;
        ++total_;
        if (hits_.seqs.size() < query_.limit)
            hits_.seqs.push_back(seq);
        else
            hits_.more = true;
        return query_.count_total || !hits_.more;
    }

    const IndexQuery& query_;
    IndexView& view_;
    std::vector<AnyOf> conditions_;
    std::uint64_t low_ = 0, high_ = 0, total_ = 0;
    EventHits hits_;
};

}  // namespace

base::Result<EventHits> EventIndex::search(const IndexQuery& query) {
    const std::lock_guard one_at_a_time(reading_);
    const auto view = IndexView::take(reader_, recent());
    if (!view) return base::pass(view);
    return Searcher(query, **view).run();
}

base::Result<std::optional<std::uint64_t>> EventIndex::find(const Token& id) {
    const std::lock_guard one_at_a_time(finding_);
    const auto view = IndexView::take(finder_, recent());
    if (!view) return base::pass(view);
    return Postings(**view, id).newest(UINT64_MAX);
}

}  // namespace chain
