#include "anchoring/chain/index_view.hpp"

#include <algorithm>

namespace chain {

using base::Kind;

base::Result<std::unique_ptr<IndexView>> IndexView::take(store::Database& db, Recent::View recent) {
    std::unique_ptr<IndexView> out(new IndexView(db, std::move(recent)));
    if (auto ok = db.run("BEGIN"); !ok) return base::pass(ok);
    auto runs = read_runs(db);  // the first read fixes what the transaction sees; the tail was taken before it
    if (!runs) return base::pass(runs);
    out->runs_ = std::move(*runs);
    if (out->in_file() < out->recent_.begin) return base::fail(Kind::unavailable, "the audit index is being built again");
    const auto subtypes = read_subtypes(db);
    if (!subtypes) return base::pass(subtypes);
    for (const auto& [text, code] : *subtypes) {
        if (code >= 1u << 16) return base::fail(Kind::corrupt, "the audit index has a subtype with an impossible code");
        if (out->subtypes_.size() <= code) out->subtypes_.resize(code + 1);
        out->subtypes_[code] = text;
    }
    return out;
}

IndexView::~IndexView() {
    const auto ok = db_.run("COMMIT");
    static_cast<void>(ok);  // it only read
}

base::Result<IndexView::Facts> IndexView::facts(std::uint64_t seq) {
    if (seq >= in_file() || (seq >= recent_.begin && seq < recent_.end)) {
        const auto& row = recent_.row(seq);
        return Facts{row.recorded_us, row.action, row.outcome, row.kind, row.subtype};
    }
    if (seq < block_first_ || seq - block_first_ >= block_.size()) {
        auto one = db_.prepare("SELECT first,block FROM ev WHERE first<=? ORDER BY first DESC LIMIT 1");
        if (!one) return base::pass(one);
        const auto row = one->bind(1, static_cast<std::int64_t>(seq)).step();
        if (!row) return base::pass(row);
        block_.clear();
        if (*row) {
            auto block = decode_facts(one->view(1));
            if (!block) return base::pass(block);
            block_ = std::move(*block);
            block_first_ = static_cast<std::uint64_t>(one->integer(0));
        }
        if (block_.empty() || seq - block_first_ >= block_.size())
            return base::fail(Kind::corrupt,
                              "entry " + std::to_string(seq) + " is missing in the audit index; kedge reindex builds it again");
    }
    const auto& one = block_[seq - block_first_];
    if (one.subtype >= subtypes_.size()) return base::fail(Kind::corrupt, "the audit index names a subtype that it does not have");
    return Facts{one.recorded_us, one.action, one.outcome, one.kind, subtypes_[one.subtype]};
}

Postings::Postings(IndexView& view, const Token& token, std::uint64_t below) : view_(&view), token_(token), below_(below), runs_left_(view.runs().size()) {}

base::Result<std::optional<std::uint64_t>> Postings::newest(std::uint64_t most) {
    for (;;) {
        while (!found_.empty() && found_.back() > most) found_.pop_back();
        if (!found_.empty()) return found_.back();
        below_ = most == UINT64_MAX ? below_ : std::min(below_, most + 1);
        if (below_ > view_->in_file()) {
            look_in_recent(view_->in_file());
        } else if (runs_left_ == 0 || below_ == 0) {
            return std::nullopt;
        } else if (auto ok = look_in_runs(below_ - 1); !ok) {
            return base::pass(ok);
        }
    }
}

// Backwards, only as far as a page of results needs.
void Postings::look_in_recent(std::uint64_t low) {
    while (below_ > low && found_.size() < 64) {
        const auto& row = view_->recent().row(--below_);
        if (row.id == token_ || std::find(row.tokens.begin(), row.tokens.end(), token_) != row.tokens.end()) found_.push_back(below_);
    }
    std::reverse(found_.begin(), found_.end());
}

// The block that holds the newest posting at or before `most`, in the newest run that may have one.
base::Status Postings::look_in_runs(std::uint64_t most) {
    const auto& run = view_->runs()[runs_left_ - 1];
    if (run.low > most) {
        --runs_left_;
        return {};
    }
    auto one = view_->db().prepare("SELECT first,block FROM post WHERE run=? AND first<=? ORDER BY first DESC LIMIT 1");
    if (!one) return base::pass(one);
    const auto key = block_key(Posting::of(token_, most));
    const auto row = one->bind(1, run.number).bind(2, base::ByteView(key)).step();
    if (!row) return base::pass(row);
    if (!*row) {
        --runs_left_;
        return {};
    }
    const auto wanted = Posting::of(token_, 0);
    BlockReader block(one->view(1));
    bool first = true, begins_with_it = false;
    for (Posting posting; block.next(posting); first = false) {
        if (first) begins_with_it = posting.same_token(wanted);
        if (posting.same_token(wanted) && posting.seq <= most) found_.push_back(posting.seq);
    }
    if (block.damaged()) return base::fail(Kind::corrupt, "a block of the audit index cannot be read");
    // When the block begins with the token, older ones may stand in the block before; otherwise this run has no more.
    if (begins_with_it && !found_.empty() && found_.front() > run.low) {
        below_ = found_.front();
    } else {
        below_ = found_.empty() ? below_ : found_.front();
        --runs_left_;
    }
    return {};
}

}  // namespace chain
