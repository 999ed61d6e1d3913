#include "anchoring/chain/index_check.hpp"

#include "storage/crypto/random.hpp"

#include <algorithm>

namespace chain {
namespace {

constexpr std::uint64_t kPrime = (std::uint64_t{1} << 61) - 1;
constexpr std::uint64_t kMostSlots = 1u << 20;  // three numbers each: bounded memory, however large a run is

std::uint64_t times(std::uint64_t a, std::uint64_t b) {
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(a) * b;
    const auto sum = static_cast<std::uint64_t>(product & kPrime) + static_cast<std::uint64_t>(product >> 61);
    return sum >= kPrime ? sum - kPrime : sum;
}
std::uint64_t plus(std::uint64_t a, std::uint64_t b) {
    return (a + b) % kPrime;
}

std::string name_of(std::uint64_t first, std::uint64_t end) {
    return end - first == 1 ? "entry " + std::to_string(first) : "entries " + std::to_string(first) + ".." + std::to_string(end - 1);
}

}  // namespace

IndexCheck::IndexCheck(std::unique_ptr<EventIndex::Opened> opened, Say say) : opened_(std::move(opened)), say_(std::move(say)) {
    for (auto& one : random_) one = base::Reader(crypto::random_array<8>()).u64() % kPrime;
}

base::Result<std::unique_ptr<IndexCheck>> IndexCheck::open(EventIndex& index, Say say) {
    auto opened = index.look();
    if (!opened) return base::pass(opened);
    std::unique_ptr<IndexCheck> out(new IndexCheck(std::move(*opened), std::move(say)));
    if (!out->opened_->view->runs().empty()) out->begin_run(out->opened_->view->runs().front());
    return out;
}

std::uint64_t IndexCheck::term(const Posting& posting) const {
    auto out = random_[5];
    out = plus(out, times(random_[0], posting.high >> 32));
    out = plus(out, times(random_[1], posting.high & 0xffffffff));
    out = plus(out, times(random_[2], posting.low >> 32));
    out = plus(out, times(random_[3], posting.low & 0xffffffff));
    return plus(out, times(random_[4], posting.seq % kPrime));
}

std::size_t IndexCheck::slot(std::uint64_t seq) const {
    return static_cast<std::size_t>((seq - opened_->view->runs()[run_at_].low) / entries_a_slot_);
}

void IndexCheck::multiply(std::vector<std::uint64_t>& products, const Posting& posting) {
    auto& product = products[slot(posting.seq)];
    product = times(product, term(posting));
}

void IndexCheck::begin_run(const Run& run) {
    const auto entries = run.high - run.low;
    entries_a_slot_ = (entries + kMostSlots - 1) / kMostSlots;
    const auto slots = static_cast<std::size_t>((entries + entries_a_slot_ - 1) / entries_a_slot_);
    log_.assign(slots, 1);
    index_.assign(slots, 1);
    known_.assign(slots, true);
    next_ = run.low;
}

void IndexCheck::row(const IndexRow& row) {
    auto& view = *opened_->view;
    while (run_at_ < view.runs().size() && row.seq >= view.runs()[run_at_].high) end_run();
    if (run_at_ == view.runs().size() || row.seq < next_) return;
    for (; next_ < row.seq; ++next_) known_[slot(next_)] = false;
    ++next_;
    const auto kept = view.facts(row.seq);
    if (!kept) {
        say_(kept.error().diagnostics);
    } else if (kept->recorded_us != row.recorded_us || kept->action != row.action || kept->outcome != row.outcome ||
               kept->subtype != row.subtype || kept->kind != row.kind) {
        say_("entry " + std::to_string(row.seq) + ": its row in the index differs from the log");
    }
    std::vector<Posting> postings{Posting::of(row.id, row.seq)};
    for (const auto& token : row.tokens) postings.push_back(Posting::of(token, row.seq));
    std::sort(postings.begin(), postings.end());
    postings.erase(std::unique(postings.begin(), postings.end()), postings.end());
    for (const auto& posting : postings) multiply(log_, posting);
}

void IndexCheck::end_run() {
    const auto run = opened_->view->runs()[run_at_];
    for (; next_ < run.high; ++next_) known_[slot(next_)] = false;
    const auto bad = [&](const std::string& why) {
        say_("the index of " + name_of(run.low, run.high) + ": " + why + "; it is built again by kedge reindex");
    };
    auto blocks = opened_->db.prepare("SELECT first,block FROM post WHERE run=? ORDER BY first");
    if (!blocks) bad(blocks.error().diagnostics);
    bool whole = blocks.has_value();
    if (blocks) blocks->bind(1, run.number);
    std::optional<Posting> last;
    while (whole) {
        const auto row = blocks->step();
        if (!row) bad(row.error().diagnostics);
        if (!row || !*row) {
            whole = row.has_value();
            break;
        }
        BlockReader block(blocks->view(1));
        for (Posting posting; whole && block.next(posting); last = posting) {
            const bool first = block.at_first();
            const auto key = block_key(posting);
            whole = posting.seq >= run.low && posting.seq < run.high && (!last || *last < posting) &&
                    (!first || base::equal_constant_time(blocks->view(0), key));
            if (whole) multiply(index_, posting);
        }
        if (!whole || block.damaged()) {
            whole = false;
            bad("a block is damaged or out of its place");
        }
    }
    for (std::size_t i = 0; whole && i < log_.size(); ++i) {
        if (!known_[i] || log_[i] == index_[i]) continue;
        const auto low = run.low + i * entries_a_slot_;
        say_(name_of(low, std::min(run.high, low + entries_a_slot_)) + ": what the index finds it by differs from the log");
    }
    if (++run_at_ < opened_->view->runs().size()) begin_run(opened_->view->runs()[run_at_]);
}

void IndexCheck::end(std::uint64_t size, bool whole) {
    const auto& runs = opened_->view->runs();
    while (run_at_ < runs.size() && runs[run_at_].low < size) end_run();
    const auto indexed = opened_->view->in_file();
    if (whole && indexed > size) say_("the index knows " + std::to_string(indexed) + " entries, the log holds " + std::to_string(size));
}

}  // namespace chain
