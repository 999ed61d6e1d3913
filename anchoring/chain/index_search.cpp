#include "anchoring/chain/event_index.hpp"

#include <algorithm>

namespace chain {
namespace {

constexpr base::TimeUs kSpanUs = 600'000'000;  // as in event_index.cpp
constexpr std::int64_t kChunk = 512;

bool any_token(const std::vector<Token>& wanted, base::ByteView tokens) {
    if (wanted.empty()) return true;
    for (std::size_t at = sizeof(Token); at + sizeof(Token) <= tokens.size(); at += sizeof(Token)) {  // the first one is the id
        for (const auto& token : wanted) {
            if (std::equal(token.begin(), token.end(), tokens.begin() + static_cast<std::ptrdiff_t>(at))) return true;
        }
    }
    return false;
}

}  // namespace

// Entries that bear one token, newest first: what waits in memory, then the file in chunks.
class EventIndex::Stream {
  public:
    Stream(EventIndex& index, store::Database& db, std::int64_t key, std::uint64_t below)
        : index_(index), db_(db), key_(key), below_(below) {}
    // The next entry, or nullopt at the end. A run that is posted meanwhile can show an entry twice: the caller drops repeats.
    base::Result<std::optional<std::uint64_t>> head() {
        while (at_ == chunk_.size() && !ended_) {
            chunk_.clear();
            at_ = 0;
            if (in_memory_)
                look_in_memory();
            else if (auto ok = refill(); !ok)
                return base::pass(ok);
        }
        if (at_ == chunk_.size()) return std::nullopt;
        return chunk_[at_];
    }
    void pop() { ++at_; }

  private:
    // Backwards from below_, only as far as a page of results needs.
    void look_in_memory() {
        const std::lock_guard lock(index_.mutex_);
        const auto& all = index_.unposted_;
        auto at = std::lower_bound(all.begin(), all.end(), below_, [](const Posting& p, std::uint64_t seq) { return p.seq < seq; });
        while (at != all.begin() && chunk_.size() < 64) {
            --at;
            if (at->key != key_ || at->seq >= below_) continue;
            chunk_.push_back(at->seq);
            below_ = at->seq;
        }
        in_memory_ = at != all.begin();
    }
    base::Status refill() {
        auto rows = db_.prepare("SELECT seq FROM post WHERE key=? AND seq<? ORDER BY seq DESC LIMIT 512");
        if (!rows) return base::pass(rows);
        rows->bind(1, key_).bind(2, static_cast<std::int64_t>(std::min<std::uint64_t>(below_, INT64_MAX)));
        for (;;) {
            const auto row = rows->step();
            if (!row) return base::pass(row);
            if (!*row) break;
            chunk_.push_back(static_cast<std::uint64_t>(rows->integer(0)));
        }
        ended_ = chunk_.size() < static_cast<std::size_t>(kChunk);
        if (!chunk_.empty()) below_ = chunk_.back();
        return {};
    }
    EventIndex& index_;
    store::Database& db_;
    std::int64_t key_;
    std::uint64_t below_;
    std::vector<std::uint64_t> chunk_;
    std::size_t at_ = 0;
    bool in_memory_ = true, ended_ = false;
};

base::Result<EventIndex::Bounds> EventIndex::bounds(const IndexQuery& query) {
    Bounds out{0, std::min(query.before_seq, indexed())};
    if (query.from_us) {
        auto low = reader_.prepare("SELECT min(low) FROM span WHERE bucket>=?");
        if (!low) return base::pass(low);
        if (const auto row = low->bind(1, *query.from_us / kSpanUs).step(); !row) return base::pass(row);
        out.low = low->is_null(0) ? out.high : static_cast<std::uint64_t>(low->integer(0));
    }
    if (query.before_us) {
        auto high = reader_.prepare("SELECT max(high) FROM span WHERE bucket<=?");
        if (!high) return base::pass(high);
        if (const auto row = high->bind(1, *query.before_us / kSpanUs).step(); !row) return base::pass(row);
        out.high = high->is_null(0) ? 0 : std::min(out.high, static_cast<std::uint64_t>(high->integer(0)) + 1);
    }
    return out;
}

// Judges one row of ev (recorded, meta, tokens in columns 1 to 3). false: the search can end.
base::Result<bool> EventIndex::accept(const IndexQuery& query, std::uint64_t seq, EventHits& hits, std::uint64_t& total,
                                      const store::Statement& row) {
    const auto recorded = row.integer(1), meta = row.integer(2);
    const auto tokens = row.view(3);
    if (((meta >> 16) & 0xff) != static_cast<std::int64_t>(proof::EntryKind::event)) return true;
    if ((query.from_us && recorded < *query.from_us) || (query.before_us && recorded >= *query.before_us)) return true;
    if (!query.actions.empty() && query.actions.find(static_cast<char>(meta & 0xff)) == std::string::npos) return true;
    const auto outcome = static_cast<std::uint8_t>(meta >> 8 & 0xff);
    if (!query.outcomes.empty() && std::find(query.outcomes.begin(), query.outcomes.end(), outcome) == query.outcomes.end()) return true;
    if (!query.subtypes.empty()) {
        const std::lock_guard lock(mutex_);
        const bool wanted = std::any_of(query.subtypes.begin(), query.subtypes.end(), [&](const std::string& text) {
            const auto known = subtypes_.find(text);
            return known != subtypes_.end() && known->second == meta >> 24;
        });
        if (!wanted) return true;
    }
    const bool id = query.ids.empty() || std::any_of(query.ids.begin(), query.ids.end(),
                                                     [&](const Token& t) { return std::equal(t.begin(), t.end(), tokens.begin()); });
    if (!id || !any_token(query.patients, tokens) || !any_token(query.agents, tokens) || !any_token(query.entities, tokens)) return true;
    ++total;
    if (hits.seqs.size() < query.limit)
        hits.seqs.push_back(seq);
    else
        hits.more = true;
    return query.count_total || !hits.more;
}

base::Result<EventHits> EventIndex::search(const IndexQuery& query) {
    const std::lock_guard one_at_a_time(reading_);
    EventHits hits;
    std::uint64_t total = 0;
    const auto range = bounds(query);
    if (!range) return base::pass(range);
    const auto& driver = !query.ids.empty()        ? query.ids
                         : !query.patients.empty() ? query.patients
                         : !query.entities.empty() ? query.entities
                                                   : query.agents;
    if (driver.empty()) {
        auto rows = reader_.prepare("SELECT seq,recorded,meta,tokens FROM ev WHERE seq<? AND seq>=? ORDER BY seq DESC");
        if (!rows) return base::pass(rows);
        rows->bind(1, static_cast<std::int64_t>(range->high)).bind(2, static_cast<std::int64_t>(range->low));
        for (;;) {
            const auto row = rows->step();
            if (!row) return base::pass(row);
            if (!*row) break;
            const auto more = accept(query, static_cast<std::uint64_t>(rows->integer(0)), hits, total, *rows);
            if (!more) return base::pass(more);
            if (!*more) break;
        }
    } else {
        std::vector<Stream> streams;
        for (const auto& token : driver) streams.emplace_back(*this, reader_, posting_key(token), range->high);
        for (std::uint64_t before = UINT64_MAX;;) {
            std::optional<std::uint64_t> newest;
            for (auto& stream : streams) {
                auto head = stream.head();
                while (head && *head && **head >= before) {
                    stream.pop();
                    head = stream.head();
                }
                if (!head) return base::pass(head);
                if (*head && (!newest || **head > *newest)) newest = **head;
            }
            if (!newest || *newest < range->low) break;
            before = *newest;
            auto one = reader_.prepare("SELECT seq,recorded,meta,tokens FROM ev WHERE seq=?");
            if (!one) return base::pass(one);
            const auto row = one->bind(1, static_cast<std::int64_t>(before)).step();
            if (!row) return base::pass(row);
            if (!*row) continue;
            const auto more = accept(query, before, hits, total, *one);
            if (!more) return base::pass(more);
            if (!*more) break;
        }
    }
    if (query.count_total) hits.total = total;
    return hits;
}

base::Result<std::optional<std::uint64_t>> EventIndex::find(const Token& id) {
    {
        const std::lock_guard lock(mutex_);
        const auto known = unposted_ids_.find(id);
        if (known != unposted_ids_.end()) return known->second;
    }
    const std::lock_guard one_at_a_time(finding_);
    Stream stream(*this, finder_, posting_key(id), INT64_MAX);
    for (;;) {
        const auto head = stream.head();
        if (!head) return base::pass(head);
        if (!*head) return std::nullopt;
        auto one = finder_.prepare("SELECT tokens FROM ev WHERE seq=?");
        if (!one) return base::pass(one);
        const auto row = one->bind(1, static_cast<std::int64_t>(**head)).step();
        if (!row) return base::pass(row);
        if (*row && std::equal(id.begin(), id.end(), one->view(0).begin())) return **head;
        stream.pop();
    }
}

base::Result<std::optional<IndexRow>> EventIndex::row(std::uint64_t seq) {
    const std::lock_guard one_at_a_time(reading_);
    auto one = reader_.prepare("SELECT ev.seq,recorded,meta,tokens,text FROM ev JOIN subtype ON code=meta>>24 WHERE ev.seq=?");
    if (!one) return base::pass(one);
    const auto found = one->bind(1, static_cast<std::int64_t>(seq)).step();
    if (!found) return base::pass(found);
    if (!*found) return std::nullopt;
    IndexRow out;
    out.seq = seq;
    out.recorded_us = one->integer(1);
    const auto meta = one->integer(2);
    out.action = static_cast<char>(meta & 0xff);
    out.outcome = static_cast<std::uint8_t>(meta >> 8 & 0xff);
    out.kind = static_cast<proof::EntryKind>(meta >> 16 & 0xff);
    out.subtype = one->text(4);
    base::Reader in(one->view(3));
    out.id = in.array<16>();
    while (in.left() >= sizeof(Token)) out.tokens.push_back(in.array<16>());
    return out;
}

}  // namespace chain
