#include "anchoring/chain/fsck.hpp"

#include "anchoring/chain/index_check.hpp"
#include "anchoring/chain/manifest.hpp"
#include "anchoring/chain/walk.hpp"

#include <algorithm>

namespace chain {
namespace {

using base::Kind;

std::string entry_name(std::uint64_t seq) {
    return "entry " + std::to_string(seq);
}
std::string range_name(std::uint64_t first, std::uint64_t end) {
    return end - first == 1 ? entry_name(first) : "entries " + std::to_string(first) + ".." + std::to_string(end - 1);
}

class Inspector {
  public:
    explicit Inspector(const FsckInput& input) : in_(input), segments_(input.dir, input.keys->log.copy()) {}

    base::Result<std::size_t> run() {
        open_files();
        const auto count = Segments::count_in(in_.dir);
        if (!count && count.error().kind != Kind::corrupt) return base::pass(count);
        if (!count) {
            say(count.error().diagnostics);
            return findings_;
        }
        for (std::uint32_t number = 0; number < *count && next_ < in_.size; ++number) {
            const auto segment = segments_.get(number);
            if (!segment) {
                say(segment.error().diagnostics);
                last_known_ = false;
                continue;
            }
            walk(**segment, number + 1 == *count);
            check_sealed(**segment, number + 1 == *count);
        }
        check_end();
        return findings_;
    }

  private:
    void say(const std::string& sentence) {
        ++findings_;
        in_.each(sentence);
    }

    void open_files() {
        auto checkpoints = CheckpointFile::open(in_.dir + "/checkpoints", in_.keys->checkpoint_mac, in_.keys->public_key, File::Mode::read);
        if (checkpoints)
            checkpoints_ = std::move(*checkpoints);
        else
            say(checkpoints.error().diagnostics);
        auto tree = FlatFile::open(in_.dir + "/tree", sizeof(proof::Digest), File::Mode::read);
        if (tree)
            tree_ = std::move(*tree);
        else
            say("the file 'tree' is missing; it is built again at the next start");
        auto places = FlatFile::open(in_.dir + "/places", 8, File::Mode::read);
        if (places)
            places_ = std::move(*places);
        else
            say("the file 'places' is missing; it is built again at the next start");
        auto manifest = Manifest::read(in_.dir, in_.keys->manifest_mac);
        if (manifest)
            manifest_ = std::move(*manifest);
        else
            say(manifest.error().diagnostics);
        load_checkpoint();
        if (in_.index == nullptr) return;
        auto index = IndexCheck::open(*in_.index, [this](const std::string& sentence) { say(sentence); });
        if (index)
            index_ = std::move(*index);
        else
            say("the index cannot be read: " + index.error().diagnostics);
    }

    // The next checkpoint that can be read; each that cannot is named.
    void load_checkpoint() {
        pending_.reset();
        while (checkpoints_ && checkpoint_at_ < checkpoints_->count()) {
            const auto record = checkpoints_->read(checkpoint_at_);
            const auto number = "checkpoint " + std::to_string(checkpoint_at_++);
            if (!record) {
                say(record.error().diagnostics);
            } else if (record->size < next_ || (next_ > 0 && record->size == next_ && checked_at_ == next_)) {
                say(number + " covers " + std::to_string(record->size) + " entries, no more than the one before it");
            } else {
                if (!crypto::ed25519_verify(in_.keys->public_key, base::as_bytes(checkpoints_->text(*record)), record->signature)) {
                    say(number + " (" + std::to_string(record->size) + " entries): its signature does not verify");
                }
                pending_ = *record;
                return;
            }
        }
    }

    void check_checkpoints(std::optional<Place> end) {
        while (pending_ && pending_->size < next_) {
            say("the checkpoint of " + std::to_string(pending_->size) + " entries ends inside a group");
            load_checkpoint();
        }
        while (pending_ && pending_->size == next_) {
            const auto name = "the checkpoint of " + std::to_string(next_) + " entries";
            if (pending_->root != frontier_.root()) say(name + " stands for another tree than the log has");
            if (last_known_ && pending_->last != last_) say(name + " names another last entry than the log has");
            if (end && pending_->end != *end) say(name + " names another place in the log");
            checked_at_ = next_;
            load_checkpoint();
        }
    }

    void walk(const Segment& segment, bool is_last) {
        if (segment.first_seq() != next_)
            say("segment " + std::to_string(segment.number()) + " begins with entry " + std::to_string(segment.first_seq()) + ", not " +
                std::to_string(next_));
        Place place{segment.number(), Segment::kHeaderBytes}, group = place;
        std::uint64_t group_first = next_, in_group = 0;
        while (next_ < in_.size || in_group > 0) {
            auto frame = segment.read(place.offset);
            if (!frame) {
                if (!skip_damage(segment, place, frame.error().diagnostics)) break;
                group = place;
                group_first = next_;
                in_group = 0;
                mark_known_ = false;
                continue;
            }
            if (!*frame) {
                if (in_group > 0) say(range_name(group_first, next_) + ": the group has no end mark");
                check_behind(segment, place, is_last);
                break;
            }
            if ((*frame)->type == FrameType::group) {
                check_mark((*frame)->body, group, group_first, in_group);
                place.offset = (*frame)->next;
                check_checkpoints(place);
                group = place;
                group_first = next_;
                in_group = 0;
                mark_known_ = true;
                continue;
            }
            const auto entry = EntryFrame::decode((*frame)->body);
            if (!entry)
                say(entry_name(next_) + ": " + entry.error().diagnostics);
            else
                check_entry(*entry, place);
            ++in_group;
            place.offset = (*frame)->next;
        }
    }

    // Goes on at the next frame that opens, as the places file has it. The entries in between are named; their leaves are taken from the
    // tree, so that what follows can still be compared. false: nothing behind it opens.
    bool skip_damage(const Segment& segment, Place& place, const std::string& why) {
        for (auto seq = next_ + 1; places_ && seq < std::min(places_->count(), in_.size); ++seq) {
            const auto at = place_of(seq);
            if (!at || at->segment != segment.number()) break;
            if (at->offset <= place.offset || !segment.read(at->offset)) continue;
            say(range_name(next_, seq) + ": " + why);
            stand_in(seq);
            place = *at;
            return true;
        }
        say(entry_name(next_) + " and what follows it in segment " + std::to_string(segment.number()) + ": " + why);
        // The rest of the segment is lost; the next one says where it begins.
        const auto next = segments_.get(segment.number() + 1);
        if (next) stand_in((*next)->first_seq());
        return false;
    }

    std::optional<Place> place_of(std::uint64_t seq) const {
        std::array<std::uint8_t, 8> bytes{};
        if (!places_ || seq >= places_->count() || !places_->read(seq, bytes)) return std::nullopt;
        return Place::unpack(base::Reader(bytes).u64());
    }
    std::optional<proof::Digest> node(std::uint64_t position) const {
        proof::Digest out;
        if (!tree_ || position >= tree_->count() || !tree_->read(position, out)) return std::nullopt;
        return out;
    }

    void stand_in(std::uint64_t upto) {
        last_known_ = false;
        for (; next_ < upto; ++next_) {
            const auto leaf = node(proof::node_position(0, next_));
            nodes_.clear();
            frontier_.append(leaf.value_or(proof::Digest{}), nodes_);
            // The group's end may have been among what is lost.
            while (pending_ && pending_->size == next_ + 1) {
                if (pending_->root != frontier_.root())
                    say("the checkpoint of " + std::to_string(next_ + 1) + " entries stands for another tree than the log has");
                checked_at_ = next_ + 1;
                load_checkpoint();
            }
        }
    }

    void check_entry(const EntryFrame& frame, Place place) {
        const auto& entry = frame.entry;
        if (entry.seq != next_) {
            say(entry_name(entry.seq) + " stands where entry " + std::to_string(next_) + " was expected");
            if (entry.seq > next_) stand_in(entry.seq);
        }
        const auto name = entry_name(next_);
        if (last_known_ && entry.previous != last_)
            say("the chain is broken between entries " + std::to_string(next_ - 1) + " and " + std::to_string(next_));
        last_ = entry.hash();
        last_known_ = true;
        if (const auto stored = in_.sealer->open(frame); !stored) say(stored.error().diagnostics);
        check_tree(entry);
        const auto kept = place_of(next_);
        if (places_ && next_ < places_->count() && (!kept || *kept != place)) say(name + ": the places file names another place");
        if (index_) index_->row(frame.row);
        ++next_;
    }

    void check_tree(const proof::Entry& entry) {
        const auto first = proof::node_position(0, next_);
        nodes_.clear();
        frontier_.append(proof::leaf_hash(entry.encode()), nodes_);
        for (std::size_t level = 0; tree_ && level < nodes_.size() && first + level < tree_->count(); ++level) {
            const auto kept = node(first + level);
            if (kept && *kept == nodes_[level]) continue;
            say(entry_name(next_) + ": the stored tree has another " +
                (level == 0 ? std::string("leaf") : "node of level " + std::to_string(level)));
        }
    }

    void check_mark(base::ByteView body, Place group, std::uint64_t first, std::uint64_t count) {
        const auto mark = GroupMark::decode(body);
        if (!mark) return say(mark.error().diagnostics);
        if (!mark_known_) return;  // frames before it were damaged, and named
        if (mark->offset != group.offset || mark->count != count || mark->first_seq != first || (last_known_ && mark->last != last_)) {
            say(range_name(first, first + std::max<std::uint64_t>(count, 1)) + ": the mark of the group does not fit it");
        }
    }

    void check_behind(const Segment& segment, Place place, bool is_last) {
        if (in_.size != UINT64_MAX) return;  // in use: the room ahead is being written
        const auto tail = look_behind(segment, place.offset);
        if (!tail) return say(tail.error().diagnostics);
        if (!tail->empty)
            say("segment " + std::to_string(segment.number()) + ": there are bytes behind entry " + std::to_string(next_) +
                " that belong to no whole group");
        const auto size = segment.file().size();
        if (!is_last && size && *size != place.offset)
            say("segment " + std::to_string(segment.number()) + " was sealed and does not end with its last group");
    }

    void check_sealed(const Segment& segment, bool is_last) {
        const auto listed = manifest_.find(segment.number());
        if (listed == manifest_.end()) {
            if (!is_last) say("segment " + std::to_string(segment.number()) + " is sealed and not in the manifest");
            return;
        }
        const auto measured = Manifest::measure(in_.dir, segment.number(), segment.first_seq());
        if (!measured) return say(measured.error().diagnostics);
        if (measured->bytes != listed->second.bytes || measured->sha256 != listed->second.sha256) {
            say("segment " + std::to_string(segment.number()) +
                " was changed after it was sealed: its SHA-256 is not that of the manifest");
        }
    }

    void check_end() {
        if (index_) index_->end(next_, in_.size == UINT64_MAX);
        if (in_.size != UINT64_MAX) return;
        for (const auto& [number, sealed] : manifest_) {
            if (!file_exists(Segment::path_in(in_.dir, number)))
                say("segment " + std::to_string(number) + " is in the manifest and missing");
        }
        while (pending_) {
            say(range_name(next_, std::max(pending_->size, next_ + 1)) + ": the log is truncated: a checkpoint covers " +
                std::to_string(pending_->size) + " entries, the log holds " + std::to_string(next_));
            load_checkpoint();
        }
    }

    const FsckInput& in_;
    Segments segments_;
    std::unique_ptr<CheckpointFile> checkpoints_;
    std::unique_ptr<FlatFile> tree_, places_;
    std::unique_ptr<IndexCheck> index_;
    std::map<std::uint32_t, SealedSegment> manifest_;
    std::uint64_t next_ = 0, checkpoint_at_ = 0, checked_at_ = 0;
    std::optional<CheckpointRecord> pending_;
    proof::Frontier frontier_;
    std::vector<proof::Digest> nodes_;
    proof::Digest last_{};
    bool last_known_ = true, mark_known_ = true;
    std::size_t findings_ = 0;
};

}  // namespace

base::Result<std::size_t> fsck_files(const FsckInput& input) {
    return Inspector(input).run();
}

base::Result<std::size_t> fsck_directory(const LogOptions& options, store::KeyRing& keys,
                                         const std::function<void(const std::string&)>& each) {
    const auto lock = lock_dir(options.dir);
    if (!lock) return base::pass(lock);
    const LogKeys log_keys(keys);
    const Sealer sealer(keys);
    FsckInput input{options.dir, &log_keys, &sealer, nullptr, UINT64_MAX, each};
    std::unique_ptr<EventIndex> index;
    std::size_t extra = 0;
    const auto path = options.dir + "/audit-index.db";
    Segments segments(options.dir, log_keys.log.copy());
    const auto first = segments.get(0);
    if (first && file_exists(path)) {
        auto opened = EventIndex::open_existing(path, log_keys.index, (*first)->salt());
        if (opened) {
            index = std::move(*opened);
            input.index = index.get();
        } else {
            ++extra;
            each("the index cannot be read (" + opened.error().diagnostics + "); it is built again at the next start");
        }
    }
    const auto found = fsck_files(input);
    if (!found) return found;
    return *found + extra;
}

base::Result<std::size_t> Log::fsck(const std::function<void(const std::string&)>& each) {
    // A log in use is looked at up to its last checkpoint, so that all its derived files hold what is compared.
    const auto made = checkpoint();
    if (!made) return base::pass(made);
    if (auto ok = seal_segments(); !ok) return base::pass(ok);
    if (auto ok = index_->wait_for(made->size); !ok && !drained_) return base::pass(ok);
    const auto upto = drained_ ? UINT64_MAX : made->size;
    return fsck_files({options_.dir, &keys_, &sealer_, index_.get(), upto, each});
}

}  // namespace chain
