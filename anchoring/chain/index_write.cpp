// What the index thread writes: runs out of what is in memory, and what keeps the file in order.
#include "anchoring/chain/event_index.hpp"

#include <algorithm>

namespace chain {
namespace {

constexpr std::size_t kFactsBlock = 256;

}  // namespace

base::Result<std::uint32_t> EventIndex::subtype_code(const std::string& text) {
    const auto known = subtypes_.find(text);
    if (known != subtypes_.end()) return known->second;
    const auto code = put_subtype(writer_, text);
    if (code) subtypes_.emplace(text, *code);
    return code;
}

base::Status EventIndex::write_facts(const Recent::View& rows, std::uint64_t high) {
    Spans spans;
    std::vector<EventFacts> facts;
    for (auto seq = rows.begin; seq < high; ++seq) {
        const auto& row = rows.row(seq);
        const auto code = subtype_code(row.subtype);
        if (!code) return base::pass(code);
        facts.push_back({row.recorded_us, row.action, row.outcome, row.kind, *code});
        spans.add(row.recorded_us, seq);
        if (facts.size() < kFactsBlock && seq + 1 < high) continue;
        if (auto ok = put_facts(writer_, seq + 1 - facts.size(), facts); !ok) return ok;
        facts.clear();
    }
    return spans.put(writer_);
}

// The oldest run_rows of what is in memory, sorted and in one transaction.
base::Status EventIndex::write_run() {
    const auto rows = recent();
    const auto high = std::min(rows.end, rows.begin + options_.run_rows);
    if (high == rows.begin) return {};
    std::vector<Posting> postings;
    postings.reserve(static_cast<std::size_t>(high - rows.begin) * 8);
    for (auto seq = rows.begin; seq < high; ++seq) {
        const auto& row = rows.row(seq);
        postings.push_back(Posting::of(row.id, seq));
        for (const auto& token : row.tokens) postings.push_back(Posting::of(token, seq));
    }
    sort_postings(postings);
    postings.erase(std::unique(postings.begin(), postings.end()), postings.end());

    const Run run{++last_number_, 0, rows.begin, high};
    Transaction all(writer_);
    if (!all.began()) return all.began();
    BlockBuilder blocks([&](const BlockKey& key, base::ByteView block) { return put_block(writer_, run.number, key, block); });
    for (const auto& posting : postings) {
        if (auto ok = blocks.add(posting); !ok) return ok;
    }
    if (auto ok = blocks.finish(); !ok) return ok;
    if (auto ok = write_facts(rows, high); !ok) return ok;
    if (auto ok = put_run(writer_, run); !ok) return ok;
    if (auto ok = all.commit(); !ok) return ok;
    runs_.push_back(run);
    const std::lock_guard lock(mutex_);
    recent_.forget_before(high);
    return {};
}

// So that the next start reads nothing back.
base::Status EventIndex::write_all() {
    for (;;) {
        {
            const std::lock_guard lock(mutex_);
            if (recent_.size() == 0) return {};
        }
        if (auto ok = write_run(); !ok) return ok;
    }
}

// One slice of merging or removing; what is under way for small runs comes before what is for large ones.
base::Result<bool> EventIndex::tidy() {
    std::vector<Run> in_work;
    for (const auto& merge : merges_) in_work.insert(in_work.end(), merge->inputs().begin(), merge->inputs().end());
    if (auto due = due_for_merge(runs_, in_work); !due.empty() && (merges_.empty() || due.front().level < in_work.back().level))
        merges_.push_back(std::make_unique<Merge>(writer_, std::move(due), ++last_number_));
    if (!merges_.empty()) {
        const auto done = merges_.back()->step();
        if (!done) return done;
        if (*done) {
            merges_.pop_back();
            auto runs = read_runs(writer_);
            if (!runs) return base::pass(runs);
            runs_ = std::move(*runs);
            look_for_left_over_ = true;
        }
        return true;
    }
    if (!look_for_left_over_) return false;
    const auto run = left_over(writer_, runs_);
    if (!run) return base::pass(run);
    look_for_left_over_ = run->has_value();
    if (!*run) return false;
    const auto all = remove_blocks(writer_, **run);
    if (!all) return base::pass(all);
    return true;
}

}  // namespace chain
