#include "anchoring/chain/index_merge.hpp"

#include <algorithm>

namespace chain {
namespace {

constexpr std::size_t kSliceBlocks = 256;  // two to three milliseconds

}  // namespace

std::vector<Run> due_for_merge(const std::vector<Run>& runs, std::span<const Run> in_work) {
    std::vector<Run> best, now;
    for (const auto& run : runs) {
        const bool busy = std::any_of(in_work.begin(), in_work.end(), [&](const Run& other) { return other.number == run.number; });
        if (busy || now.size() == kMergeRuns || (!now.empty() && now.back().level != run.level)) now.clear();
        if (busy) continue;
        now.push_back(run);
        if (now.size() == kMergeRuns && (best.empty() || now.front().level < best.front().level)) best = now;
    }
    return best;
}

Merge::Merge(store::Database& db, std::vector<Run> inputs, std::int64_t number)
    : db_(db), inputs_(std::move(inputs)), number_(number), builder_([this](const BlockKey& key, base::ByteView block) {
          ++written_;
          return put_block(db_, number_, key, block);
      }) {
    for (const auto& run : inputs_) {
        sources_.emplace_back();
        sources_.back().run = run.number;
    }
}

base::Status Merge::refill(Source& source) {
    auto one = source.began ? db_.prepare("SELECT first,block FROM post WHERE run=? AND first>? ORDER BY first LIMIT 1")
                            : db_.prepare("SELECT first,block FROM post WHERE run=? ORDER BY first LIMIT 1");
    if (!one) return base::pass(one);
    one->bind(1, source.run);
    if (source.began) one->bind(2, base::ByteView(source.at));
    const auto row = one->step();
    if (!row) return base::pass(row);
    source.postings.clear();
    source.next = 0;
    source.began = true;
    source.ended = !*row;
    if (source.ended) return {};
    if (one->view(0).size() != source.at.size()) return base::fail(base::Kind::corrupt, "a block of the audit index has no good key");
    std::copy_n(one->view(0).begin(), source.at.size(), source.at.begin());
    BlockReader block(one->view(1));
    for (Posting posting; block.next(posting);) source.postings.push_back(posting);
    if (block.damaged()) return base::fail(base::Kind::corrupt, "a block of the audit index cannot be read");
    return {};
}

base::Result<bool> Merge::step() {
    Transaction slice(db_);
    if (!slice.began()) return base::pass(slice.began());
    const auto until = written_ + kSliceBlocks;
    for (;;) {
        Source* least = nullptr;
        for (auto& source : sources_) {
            while (source.next == source.postings.size() && !source.ended) {
                if (auto ok = refill(source); !ok) return base::pass(ok);
            }
            if (source.ended) continue;
            if (least == nullptr || source.postings[source.next] < least->postings[least->next]) least = &source;
        }
        if (least == nullptr || written_ >= until) break;
        // The sources' entries do not overlap: what one has of a token comes in one piece.
        const auto token = least->postings[least->next];
        while (least->next < least->postings.size() && least->postings[least->next].same_token(token)) {
            if (auto ok = builder_.add(least->postings[least->next++]); !ok) return base::pass(ok);
        }
    }
    const bool done = written_ < until;
    if (done) {
        if (auto ok = finish(); !ok) return base::pass(ok);
    }
    if (auto ok = slice.commit(); !ok) return base::pass(ok);
    return done;
}

base::Status Merge::finish() {
    if (auto ok = builder_.finish(); !ok) return ok;
    for (const auto& run : inputs_) {
        if (auto ok = drop_run(db_, run.number); !ok) return ok;
    }
    return put_run(db_, {number_, inputs_.front().level + 1, inputs_.front().low, inputs_.back().high});
}

}  // namespace chain
