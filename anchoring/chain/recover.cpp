// Opening: find the last checkpoint, read what follows it, cut a torn tail, refuse what does not hold.
#include "anchoring/chain/log.hpp"
#include "anchoring/chain/manifest.hpp"
#include "anchoring/chain/walk.hpp"
#include "storage/base/log.hpp"
#include "storage/crypto/hash.hpp"

#include <algorithm>

namespace chain {
namespace {

using base::Kind;

}  // namespace

LogKeys::LogKeys(store::KeyRing& keys)
    : log(keys.derived("log")),
      checkpoint_mac(crypto::hkdf_sha256(log, {}, "checkpoint file")),
      manifest_mac(crypto::hkdf_sha256(log, {}, "manifest")),
      signing(keys.derived("checkpoint")),
      index(keys.derived("db:audit-index")),
      public_key(crypto::ed25519_public_key(signing)) {}

Log::Log(const LogOptions& options, store::KeyRing& keys, const base::Clock& clock, File lock)
    : options_(options),
      clock_(clock),
      lock_(std::move(lock)),
      disk_(options.disk ? options.disk : std::make_shared<Disk>()),
      keys_(keys),
      sealer_(keys),
      segments_(options.dir, keys_.log.copy()) {}

base::Result<std::unique_ptr<AuditLog>> AuditLog::open(const LogOptions& options, store::KeyRing& keys, const base::Clock& clock) {
    if (options.segment_bytes > (2u << 30) || options.group_limit == 0 || options.queue_limit == 0 || options.checkpoint_ms <= 0) {
        return base::fail(Kind::invalid, "audit log options: segments of at most 2 GiB, limits and intervals above zero");
    }
    if (auto ok = make_dir(options.dir); !ok) return base::pass(ok);
    auto lock = lock_dir(options.dir);
    if (!lock) return base::pass(lock);
    auto log = std::make_unique<Log>(options, keys, clock, std::move(*lock));
    if (auto ok = log->recover(); !ok) return base::pass(ok);
    log->start();
    return log;
}

base::Status Log::create_files() {
    if (auto ok = CheckpointFile::create(options_.dir, options_.origin, keys_.public_key); !ok) return ok;
    const auto first = segments_.create(0, 0);
    if (!first) return base::pass(first);
    return sync_dir(options_.dir);
}

base::Status Log::recover() {
    auto segments = Segments::count_in(options_.dir);
    if (!segments) return base::pass(segments);
    const bool kept = file_exists(path("checkpoints"));
    // A crash between the two files of a new log leaves checkpoints without segments, and no record in it.
    if (*segments == 0) {
        if (!kept) {
            if (auto ok = create_files(); !ok) return ok;
        } else {
            const auto file = CheckpointFile::open(path("checkpoints"), keys_.checkpoint_mac, keys_.public_key, File::Mode::read);
            if (!file) return base::pass(file);
            if ((*file)->count() > 0)
                return base::fail(Kind::corrupt, "the audit log has checkpoints and no segment: its first segment is missing");
            if (const auto first = segments_.create(0, 0); !first) return base::pass(first);
        }
        segments = 1;
    } else if (!kept) {
        return base::fail(Kind::corrupt, "the audit log has no file of checkpoints");
    }
    auto checkpoints = CheckpointFile::open(path("checkpoints"), keys_.checkpoint_mac, keys_.public_key, File::Mode::write);
    if (!checkpoints) return base::pass(checkpoints);
    checkpoints_ = std::move(*checkpoints);
    if (checkpoints_->key().name != options_.origin) {
        base::log::warn("the audit log keeps the origin that it was made with: " + checkpoints_->key().name);
    }
    auto tree = FlatFile::open(path("tree"), sizeof(proof::Digest), File::Mode::write);
    if (!tree) return base::pass(tree);
    tree_ = std::move(*tree);
    auto places = FlatFile::open(path("places"), 8, File::Mode::write);
    if (!places) return base::pass(places);
    places_ = std::move(*places);

    head_ = {};
    head_.end = {0, Segment::kHeaderBytes};
    const auto last = checkpoints_->last();
    if (last) {
        if (auto ok = check_last_checkpoint(*last); !ok) return ok;
        const auto resumed = resume_from(*last);
        if (!resumed) return base::pass(resumed);
        checkpointed_ = last->size;
    }
    if (auto ok = tree_->cut(proof::node_count(head_.size)); !ok) return ok;
    if (auto ok = places_->cut(head_.size); !ok) return ok;
    if (auto ok = replay(*segments); !ok) return ok;
    return open_index();
}

// The last group that the checkpoint covers must stand where it stood: else the log was cut.
base::Status Log::check_last_checkpoint(const CheckpointRecord& record) {
    const auto shorter = [&] {
        return base::fail(Kind::corrupt,
                          "the audit log is truncated: its last checkpoint covers " + std::to_string(record.size) + " entries");
    };
    if (!crypto::ed25519_verify(keys_.public_key, base::as_bytes(checkpoints_->text(record)), record.signature)) {
        return base::fail(Kind::corrupt, "the signature of the last checkpoint does not verify");
    }
    const auto segment = segments_.get(record.end.segment);
    if (!segment) return segment.error().kind == Kind::not_found ? shorter() : base::Status(base::pass(segment));
    if (record.end.offset < Segment::kHeaderBytes + kMarkFrameBytes) return shorter();
    const auto frame = (*segment)->read(record.end.offset - static_cast<std::uint32_t>(kMarkFrameBytes));
    if (!frame || !*frame || (*frame)->type != FrameType::group) return shorter();
    const auto mark = GroupMark::decode((*frame)->body);
    if (!mark || mark->last != record.last || mark->first_seq + mark->count != record.size) return shorter();
    return {};
}

base::Result<bool> Log::resume_from(const CheckpointRecord& record) {
    if (tree_->count() < proof::node_count(record.size) || places_->count() < record.size) {
        base::log::warn("the audit log's tree is incomplete and is built again from the log");
        return false;
    }
    auto frontier = proof::frontier_of(record.size, node_at());
    if (!frontier) return base::pass(frontier);
    if (frontier->root() != record.root) {
        return base::fail(Kind::corrupt,
                          "the stored tree does not lead to the root of the last checkpoint (" + std::to_string(record.size) +
                              " entries); when fsck finds the log itself whole, remove the file 'tree' and it is built again");
    }
    head_ = Head{record.size, record.end, record.last, record.time_us, std::move(*frontier)};
    return true;
}

base::Status Log::replay(std::uint32_t segments) {
    const auto last_checkpoint = checkpoints_->last();
    auto at = head_.end;  // moves into an empty segment, where the head does not
    for (;;) {
        const auto segment = segments_.get(at.segment);
        if (!segment) return base::pass(segment);
        const bool is_last = at.segment + 1 == segments;
        const auto group = read_group(**segment, at);
        if (!group || !*group) {
            if (!group && (!is_last || group.error().kind != Kind::corrupt)) return base::pass(group);
            if (is_last) break;
            const auto bytes = (*segment)->file().size();
            const auto next = segments_.get(at.segment + 1);
            if (!bytes || !next) return base::fail(Kind::fault, "a segment of the audit log cannot be read");
            if (*bytes != at.offset || (*next)->first_seq() != head_.size) {
                return base::fail(Kind::corrupt,
                                  "segment " + std::to_string(at.segment + 1) + " does not follow entry " + std::to_string(head_.size));
            }
            at = {at.segment + 1, Segment::kHeaderBytes};
            continue;
        }
        if (auto ok = check_links(**group, head_.size, head_.last); !ok) return ok;
        std::vector<proof::Digest> nodes;
        for (std::size_t i = 0; i < (*group)->entries.size(); ++i) {
            const auto& entry = (*group)->entries[i].entry;
            head_.frontier.append(proof::leaf_hash(entry.encode()), nodes);
            head_.time_us = std::max(head_.time_us, entry.time_us);
            places_->append(base::Writer().u64((*group)->places[i].packed()).take());
        }
        tree_->append({nodes.front().data(), nodes.size() * sizeof(proof::Digest)});
        at = head_.end = (*group)->end;
        // Passed only when the tree is built again from the first entry.
        if (last_checkpoint && head_.size == last_checkpoint->size && head_.frontier.root() != last_checkpoint->root) {
            return base::fail(Kind::corrupt,
                              "the log does not lead to the root of its last checkpoint (" + std::to_string(head_.size) + " entries)");
        }
    }
    if (last_checkpoint && head_.size < last_checkpoint->size) {
        return base::fail(Kind::corrupt, "the audit log is truncated: its last checkpoint covers " + std::to_string(last_checkpoint->size) +
                                             " entries, " + std::to_string(head_.size) + " are whole");
    }
    return cut_tail(at);
}

// What stands behind the last whole group was never acknowledged, unless a later group is whole: then this is damage.
base::Status Log::cut_tail(Place at) {
    auto segment = segments_.writable(at.segment);
    if (!segment) return base::pass(segment);
    active_ = std::move(*segment);
    frames_.emplace(active_->key());
    const auto tail = look_behind(*active_, at.offset);
    if (!tail) return base::pass(tail);
    if (tail->later_group) {
        return base::fail(Kind::corrupt, "entry " + std::to_string(head_.size) + ": its group is damaged, and later groups are whole");
    }
    if (!tail->empty) {
        base::log::warn("the audit log's torn tail after entry " + std::to_string(head_.size) + " was cut back to the last whole group");
        if (auto ok = active_->file().truncate(at.offset); !ok) return ok;
    }
    auto writer = SegmentWriter::open(Segment::path_in(options_.dir, at.segment), at.offset);
    if (!writer) return base::pass(writer);
    writer_ = std::move(*writer);
    segment_count_ = at.segment + 1;
    write_at_ = at;
    return {};
}

base::Status Log::open_index() {
    const auto listed = Manifest::read(options_.dir, keys_.manifest_mac);
    if (!listed) return base::pass(listed);
    while (listed->contains(sealed_upto_)) ++sealed_upto_;
    const auto first = segments_.get(0);
    if (!first) return base::pass(first);
    EventIndex::Options options{path("audit-index.db"), {}, options_.index_run_rows};
    std::copy_n((*first)->salt().begin(), options.log.size(), options.log.begin());
    auto index = EventIndex::open(
        std::move(options), keys_.index, [this](std::uint64_t from, std::size_t limit) { return rows(from, limit); }, head_.size);
    if (!index) return base::pass(index);
    index_ = std::move(*index);
    size_at_open_ = head_.size;
    // Of what came before this moment only the index knows the ids.
    look_back_us_ = size_at_open_ == 0 ? INT64_MIN : std::max(clock_.now_us(), head_.time_us);
    return {};
}

void Log::start() {
    started_ = true;
    index_->start();
    log_thread_ = std::thread([this] { run_log(); });
    maintain_thread_ = std::thread([this] { run_maintenance(); });
    index_->expect(head_.size);
}

}  // namespace chain
