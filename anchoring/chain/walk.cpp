#include "anchoring/chain/walk.hpp"

#include <algorithm>

namespace chain {

using base::Kind;

base::Result<std::optional<Group>> read_group(const Segment& segment, Place at) {
    Group out;
    auto place = at;
    for (;;) {
        auto frame = segment.read(place.offset);
        if (!frame) return base::pass(frame);
        if (!*frame) {
            if (out.entries.empty()) return std::nullopt;
            return base::fail(Kind::corrupt, "the group that begins at offset " + std::to_string(at.offset) + " of segment " +
                                                 std::to_string(at.segment) + " has no end");
        }
        if ((*frame)->type == FrameType::group) {
            const auto mark = GroupMark::decode((*frame)->body);
            if (!mark) return base::pass(mark);
            out.mark = *mark;
            out.end = {at.segment, (*frame)->next};
            if (mark->offset != at.offset || mark->count != out.entries.size() || out.entries.empty() ||
                mark->first_seq != out.entries.front().entry.seq) {
                return base::fail(Kind::corrupt, "the mark of the group at offset " + std::to_string(at.offset) + " of segment " +
                                                     std::to_string(at.segment) + " does not fit it");
            }
            return out;
        }
        auto entry = EntryFrame::decode((*frame)->body);
        if (!entry) return base::pass(entry);
        out.entries.push_back(std::move(*entry));
        out.places.push_back(place);
        place.offset = (*frame)->next;
    }
}

base::Status check_links(const Group& group, std::uint64_t& next_seq, proof::Digest& last) {
    for (const auto& frame : group.entries) {
        if (frame.entry.seq != next_seq)
            return base::fail(Kind::corrupt, "entry " + std::to_string(frame.entry.seq) + " stands where entry " +
                                                 std::to_string(next_seq) + " was expected");
        if (frame.entry.previous != last)
            return base::fail(Kind::corrupt, "entry " + std::to_string(next_seq) + ": the chain is broken between it and the entry before");
        last = frame.entry.hash();
        ++next_seq;
    }
    if (group.mark.last != last)
        return base::fail(Kind::corrupt, "the mark after entry " + std::to_string(next_seq - 1) + " names another last entry");
    return {};
}

base::Result<Tail> look_behind(const Segment& segment, std::uint32_t offset) {
    Tail out;
    const auto size = segment.file().size();
    if (!size) return base::pass(size);
    if (*size <= offset) return out;
    base::Bytes bytes(*size - offset);
    const auto got = segment.file().read_at(offset, bytes);
    if (!got) return base::pass(got);
    out.empty = std::all_of(bytes.begin(), bytes.end(), [](auto b) { return b == 0; });
    if (out.empty) return out;
    constexpr std::uint32_t kSealed = kMarkFrameBytes - kFrameHeaderBytes;
    const auto pattern = base::Writer().u32(kSealed).u8(static_cast<std::uint8_t>(FrameType::group)).take();
    for (auto at = bytes.begin();; ++at) {
        at = std::search(at, bytes.end(), pattern.begin(), pattern.end());
        if (static_cast<std::size_t>(bytes.end() - at) < kMarkFrameBytes) return out;
        const auto found = static_cast<std::uint32_t>(at - bytes.begin());
        const auto sealed = base::ByteView(bytes).subspan(found + kFrameHeaderBytes, kSealed);
        const auto body = open_frame(segment.key(), FrameType::group, {segment.number(), offset + found}, sealed);
        const auto mark = body ? GroupMark::decode(*body) : base::Result<GroupMark>(base::fail(Kind::corrupt, "no mark"));
        if (mark && mark->offset > offset) {
            out.later_group = true;
            return out;
        }
    }
}

}  // namespace chain
