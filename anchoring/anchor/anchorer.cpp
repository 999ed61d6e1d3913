#include "anchoring/anchor/anchorer.hpp"

#include "anchoring/ledger/audit_anchor.hpp"
#include "storage/base/log.hpp"
#include "storage/base/thread.hpp"

#include <chrono>


namespace anchor {
namespace {

using base::Kind;
using outbox::State;

// Room to spare over what the contract takes: 46k to open, 65k to anchor at 1.1 million leaves with the longest proof that needs
// (tests/contracts/gas.json).
constexpr std::uint64_t kOpenGas = 120'000, kAnchorGas = 250'000;

bool on_ledger(State state) {
    return state == State::mined || state == State::final;
}
bool under_way(State state) {
    return state == State::queued || state == State::sent;
}

}  // namespace

Anchorer::Anchorer(Options options, Heads heads, chain::AuditLog& log, ledger::Ledger& ledger, const ethereum::Address& relayer,
                   Sender sender, const base::Clock& clock)
    : options_(std::move(options)),
      log_(log),
      ledger_(ledger),
      relayer_(relayer),
      sender_(std::move(sender)),
      clock_(clock),
      heads_(std::move(heads)) {}

base::Result<std::unique_ptr<Anchorer>> Anchorer::open(Options options, const crypto::Key& key, chain::AuditLog& log,
                                                       ledger::Ledger& ledger, const ethereum::Address& relayer, Sender sender,
                                                       const base::Clock& clock) {
    auto heads = Heads::open(options.path, key);
    if (!heads) return base::pass(heads);
    std::unique_ptr<Anchorer> out(new Anchorer(std::move(options), std::move(*heads), log, ledger, relayer, std::move(sender), clock));
    if (auto ok = out->refresh(); !ok && ok.error().kind != Kind::unavailable) return base::pass(ok);
    const std::lock_guard lock(out->mutex_);
    if (auto ok = out->compare_with_ledger(); !ok) return base::pass(ok);
    return out;
}

Anchorer::~Anchorer() {
    {
        const std::lock_guard lock(run_mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

base::Status Anchorer::compare(std::uint64_t size, const proof::Digest& root, const std::string& who) {
    if (size == 0) return {};
    if (size > log_.size()) {
        return base::fail(Kind::corrupt, who + " a head of " + std::to_string(size) + " audit entries, the log has " +
                                             std::to_string(log_.size()) + ": it was cut back");
    }
    const auto own = log_.root_at(size);
    if (!own) return base::pass(own);
    if (*own != root)
        return base::fail(Kind::corrupt,
                          who + " another root for the first " + std::to_string(size) + " audit entries: the log was rewritten");
    return {};
}

base::Status Anchorer::compare_with_ledger() {
    for (auto head = heads_.all().rbegin(); head != heads_.all().rend(); ++head) {
        if (!on_ledger(head->state)) continue;
        if (auto ok = compare(head->size, head->root, "anchors.db holds"); !ok) return ok;
        break;
    }
    const auto anchor = ledger_.anchor_of(heads_.log_id());
    if (!anchor) {
        if (anchor.error().kind != Kind::unavailable) return base::pass(anchor);
        base::log::warn("the ledger does not answer; the audit log was compared with the last anchor that is recorded here");
        return {};
    }
    if (!*anchor) return {};
    if ((*anchor)->owner != relayer_)
        return base::fail(Kind::conflict, "the audit log's id on the ledger belongs to " + ethereum::to_text((*anchor)->owner) +
                                              ", not to this server's relayer");
    return compare((*anchor)->size, (*anchor)->root, "the ledger holds");
}

base::Status Anchorer::refresh() {
    const std::lock_guard lock(mutex_);
    return refresh_locked();
}

base::Status Anchorer::refresh_locked() {
    const auto heads = heads_.all();  // put and drop change the original
    for (const auto& head : heads) {
        if (head.state == State::final) continue;
        const auto row = sender_.find(head.outbox_id);
        if (!row) return base::pass(row);
        if (!*row || (*row)->state == State::refused) {
            base::log::error("the ledger refused the anchor of " + std::to_string(head.size) +
                             " audit entries: " + (*row ? (*row)->reason : std::string("its row is gone")));
            if (auto ok = heads_.drop(head.size); !ok) return ok;
            continue;
        }
        auto now = head;
        now.state = (*row)->state;
        now.txn_hash = (*row)->txn_hash;
        now.block_number = (*row)->block_number;
        now.block_hash = (*row)->block_hash;
        if (now.state == head.state && now.txn_hash == head.txn_hash && now.block_hash == head.block_hash) continue;
        if (auto ok = heads_.put(now); !ok) return ok;
    }
    if (opening_) {
        const auto row = sender_.find(*opening_);
        if (!row) return base::pass(row);
        if (*row && (*row)->state == State::refused) base::log::error("the ledger refused to open the audit log: " + (*row)->reason);
        if (!*row || !under_way((*row)->state)) opening_.reset();
    }
    return {};
}

base::Result<bool> Anchorer::anchor_now() {
    const std::lock_guard lock(mutex_);
    if (auto ok = refresh_locked(); !ok) return base::pass(ok);
    return anchor_locked();
}

base::Result<bool> Anchorer::anchor_locked() {
    for (const auto& head : heads_.all()) {
        if (under_way(head.state)) return false;
    }
    const auto anchored = ledger_.anchor_of(heads_.log_id());
    if (!anchored) return base::pass(anchored);
    // What the ledger holds now decides, not what was recorded: after a reorganisation it can be less.
    const std::uint64_t from = *anchored ? (*anchored)->size : 0;
    if (*anchored) {
        if (auto ok = compare(from, (*anchored)->root, "the ledger holds"); !ok) return base::pass(ok);
    }
    if (log_.size() == from) return false;
    const auto head = log_.checkpoint_now();
    if (!head) return base::pass(head);
    if (head->size == 0 || head->size == from) return false;
    const auto to = ledger_.contracts().audit_anchor;
    if (!*anchored && !opening_) {
        const auto opened = sender_.send({"anchor", to, ledger::encode_call(ledger::OpenCall{heads_.log_id()}), kOpenGas, false});
        if (!opened) return base::pass(opened);
        opening_ = *opened;
    }
    auto path = log_.consistency(from, head->size);
    if (!path) return base::pass(path);
    // The same head once more, when the ledger lost it: its old row must not stand in the way.
    const auto sent =
        sender_.send({"anchor", to, ledger::encode_call(ledger::AnchorCall{heads_.log_id(), head->size, head->root, std::move(*path)}),
                      kAnchorGas, false});
    if (!sent) return base::pass(sent);
    AnchoredHead row;
    row.size = head->size;
    row.root = head->root;
    row.outbox_id = *sent;
    row.sent_us = clock_.now_us();
    if (auto ok = heads_.put(row); !ok) return base::pass(ok);
    return true;
}

const proof::Digest& Anchorer::log_id() const {
    return heads_.log_id();  // never changes
}

proof::AnchorRecord Anchorer::record_of(const AnchoredHead& head) const {
    proof::AnchorRecord out;
    out.chain_id = ledger_.chain_id();
    out.contract = ledger_.contracts().audit_anchor.bytes;
    out.log_id = heads_.log_id();
    out.size = head.size;
    out.root = head.root;
    out.tx_hash = head.txn_hash;
    out.block_number = head.block_number;
    out.block_hash = head.block_hash;
    out.final = head.state == State::final;
    return out;
}

std::optional<proof::AnchorRecord> Anchorer::covering(std::uint64_t size) const {
    const std::lock_guard lock(mutex_);
    for (const auto& head : heads_.all()) {
        if (head.size >= size && on_ledger(head.state)) return record_of(head);
    }
    return std::nullopt;
}

std::string Anchorer::export_lines() const {
    const std::lock_guard lock(mutex_);
    std::string out;
    for (const auto& head : heads_.all()) {
        if (on_ledger(head.state)) out += record_of(head).json() + "\n";
    }
    return out;
}

std::optional<AnchoredHead> Anchorer::last() const {
    const std::lock_guard lock(mutex_);
    if (heads_.all().empty()) return std::nullopt;
    return heads_.all().back();
}

void Anchorer::start() {
    thread_ = std::thread([this] { run(); });
}

void Anchorer::run() {
    base::place_thread("kedge-anchor");
    auto next = std::chrono::steady_clock::now() + std::chrono::milliseconds(options_.every_ms);
    for (;;) {
        {
            std::unique_lock lock(run_mutex_);
            if (wake_.wait_for(lock, std::chrono::milliseconds(options_.poll_ms), [&] { return stopping_; })) return;
        }
        auto ok = refresh();
        if (ok && std::chrono::steady_clock::now() >= next) {
            next = std::chrono::steady_clock::now() + std::chrono::milliseconds(options_.every_ms);
            const auto sent = anchor_now();
            if (!sent) ok = base::pass(sent);
        }
        if (!ok) base::log::error("anchoring the audit log: " + ok.error().diagnostics);
    }
}

void Anchorer::stop() {
    {
        const std::lock_guard lock(run_mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
    if (const auto sent = anchor_now(); !sent) base::log::warn("no last anchor of the audit log: " + sent.error().diagnostics);
}

}  // namespace anchor
