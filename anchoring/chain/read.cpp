// Everything that reads: events, search, proofs, checkpoints.
#include "anchoring/chain/log.hpp"

#include <algorithm>

namespace chain {
namespace {

using base::Kind;

}  // namespace

Head Log::head() const {
    const std::lock_guard lock(head_mutex_);
    return head_;
}

std::uint64_t Log::size() const {
    const std::lock_guard lock(head_mutex_);
    return head_.size;
}

proof::NodeAt Log::node_at() const {
    return [this](unsigned level, std::uint64_t index) -> base::Result<proof::Digest> {
        proof::Digest out;
        if (auto ok = tree_->read(proof::node_position(level, index), out); !ok) return base::pass(ok);
        return out;
    };
}

base::Result<proof::Digest> Log::root_at(std::uint64_t size) {
    if (size > this->size()) return base::fail(Kind::invalid, "the log has fewer than " + std::to_string(size) + " entries");
    return proof::root_of(size, node_at());
}

base::Result<std::vector<proof::Digest>> Log::inclusion(std::uint64_t index, std::uint64_t size) {
    if (size > this->size()) return base::fail(Kind::invalid, "the log has fewer than " + std::to_string(size) + " entries");
    return proof::inclusion_path(index, size, node_at());
}

base::Result<std::vector<proof::Digest>> Log::consistency(std::uint64_t old_size, std::uint64_t new_size) {
    if (new_size > size()) return base::fail(Kind::invalid, "the log has fewer than " + std::to_string(new_size) + " entries");
    return proof::consistency_path(old_size, new_size, node_at());
}

base::Result<EntryFrame> Log::frame(std::uint64_t seq) {
    std::optional<EntryFrame> out;
    auto ok = visit(seq, seq + 1, [&](const EntryFrame& frame, Place) -> base::Status {
        out = frame;
        return {};
    });
    if (!ok) return base::pass(ok);
    return std::move(*out);
}

// Entries [from, to) in order. Error: Kind::corrupt names the entry.
base::Status Log::visit(std::uint64_t from, std::uint64_t to, const Visit& each) {
    if (from >= to) return {};
    std::array<std::uint8_t, 8> packed{};
    if (auto ok = places_->read(from, packed); !ok) return ok;
    auto place = Place::unpack(base::Reader(packed).u64());
    for (auto seq = from; seq < to;) {
        const auto segment = segments_.get(place.segment);
        if (!segment) return base::pass(segment);
        const auto frame = (*segment)->read(place.offset);
        if (!frame) return base::fail(frame.error().kind, "entry " + std::to_string(seq) + ": " + frame.error().diagnostics);
        if (!*frame) {
            place = {place.segment + 1, Segment::kHeaderBytes};
            if (place.segment >= segment_count_)
                return base::fail(Kind::corrupt, "entry " + std::to_string(seq) + " is missing in the log");
            continue;
        }
        const auto here = place;
        place.offset = (*frame)->next;
        if ((*frame)->type != FrameType::entry) continue;
        const auto entry = EntryFrame::decode((*frame)->body);
        if (!entry) return base::pass(entry);
        if (entry->entry.seq != seq)
            return base::fail(Kind::corrupt,
                              "entry " + std::to_string(entry->entry.seq) + " stands where entry " + std::to_string(seq) + " was expected");
        if (auto ok = each(*entry, here); !ok) return ok;
        ++seq;
    }
    return {};
}

base::Result<std::vector<IndexRow>> Log::rows(std::uint64_t from, std::size_t limit) {
    std::vector<IndexRow> out;
    const auto to = std::min<std::uint64_t>(size(), from + limit);
    auto ok = visit(from, to, [&](const EntryFrame& frame, Place) -> base::Status {
        out.push_back(frame.row);
        return {};
    });
    if (!ok) return base::pass(ok);
    return out;
}

base::Result<StoredEvent> Log::event(std::uint64_t seq) {
    if (seq >= size()) return base::fail(Kind::not_found, "the audit log has no entry " + std::to_string(seq));
    const auto found = frame(seq);
    if (!found) return base::pass(found);
    return sealer_.open(*found);
}

base::Result<EventHits> Log::search(const EventQuery& query) {
    if (query.nothing) return EventHits{.total = query.count_total ? std::optional<std::uint64_t>(0) : std::nullopt};
    if (auto ok = index_->wait_for(size()); !ok) return base::pass(ok);
    IndexQuery out;
    out.from_us = query.from_us;
    out.before_us = query.before_us;
    for (const auto& id : query.ids) out.ids.push_back(sealer_.token(Domain::id, id));
    for (const auto& patient : query.patients) out.patients.push_back(sealer_.token(Domain::patient, patient));
    for (const auto& agent : query.agents) out.agents.push_back(sealer_.token(Domain::agent, agent));
    for (const auto& entity : query.entities) out.entities.push_back(sealer_.token(Domain::entity, entity));
    out.actions = query.actions;
    out.outcomes = query.outcomes;
    out.subtypes = query.subtypes;
    out.before_seq = query.before_seq;
    out.limit = query.limit;
    out.count_total = query.count_total;
    return index_->search(out);
}

base::Result<std::optional<std::uint64_t>> Log::find(const std::string& event_id) {
    if (auto ok = index_->wait_for(size()); !ok) return base::pass(ok);
    return index_->find(sealer_.token(Domain::id, event_id));
}

base::Result<bool> Log::contains(const std::string& event_id) {
    const auto found = find(event_id);
    if (!found) return base::pass(found);
    return found->has_value();
}

base::Result<SignedCheckpoint> Log::checkpoint_now() {
    const auto made = checkpoint();
    if (!made) return base::pass(made);
    return checkpoints_->note(*made);
}

base::Result<std::optional<SignedCheckpoint>> Log::checkpoint_covering(std::uint64_t index) {
    const auto found = checkpoints_->covering(index);
    if (!found) return base::pass(found);
    if (!*found) return std::nullopt;
    return checkpoints_->note(**found);
}

std::string Log::verifier_key() const {
    return checkpoints_->key().text();
}

base::Result<std::vector<proof::Written>> Log::write_set(const EntryFrame& frame) {
    const auto stored = sealer_.open(frame);
    if (!stored) return base::pass(stored);
    auto written = proof::decode_write_set(base::as_bytes(stored->content));
    if (!written) return base::fail(Kind::corrupt, "entry " + std::to_string(frame.entry.seq) + ": " + written.error().diagnostics);
    return written;
}

base::Result<std::optional<std::uint64_t>> Log::newest_write() {
    if (auto ok = index_->wait_for(size()); !ok) return base::pass(ok);
    const auto seq = index_->find(sealer_.token(Domain::kind, kWriteSet));
    if (!seq) return base::pass(seq);
    if (!*seq) return std::optional<std::uint64_t>();
    const auto found = frame(**seq);
    if (!found) return base::pass(found);
    const auto written = write_set(*found);
    if (!written) return base::pass(written);
    std::optional<std::uint64_t> out;
    for (const auto& one : *written) out = std::max(out.value_or(0), one.seq);
    return out;
}

base::Status Log::walk_writes(const std::function<base::Status(const proof::Written&)>& each) {
    return visit(0, size(), [&](const EntryFrame& frame, Place) -> base::Status {
        if (frame.entry.kind != proof::EntryKind::write_set) return {};
        const auto written = write_set(frame);
        if (!written) return base::pass(written);
        for (const auto& one : *written) {
            if (auto ok = each(one); !ok) return ok;
        }
        return {};
    });
}

base::Status Log::reindex(const std::function<void(std::uint64_t done, std::uint64_t total)>& progress) {
    return index_->rebuild(size(), progress);
}

base::Status Log::drain() {
    const std::lock_guard lock(drain_mutex_);
    if (drained_ || !started_) return {};
    {
        const std::lock_guard queue_lock(queue_mutex_);
        stopping_ = true;
    }
    queue_filled_.notify_all();
    log_thread_.join();
    {
        const std::lock_guard maintain_lock(maintain_mutex_);
        maintain_stop_ = true;
    }
    maintain_wake_.notify_all();
    maintain_thread_.join();
    index_->stop();
    // Room ahead is for a running server; a closed segment ends with its last group.
    base::Status ok;
    if (!broken_) ok = writer_->finish();
    drained_ = true;
    if (broken_) return unavailable();
    return ok;
}

Log::~Log() {
    const auto ok = drain();
    static_cast<void>(ok);  // said in the log when it happened; a destructor has nobody to tell
}

}  // namespace chain
