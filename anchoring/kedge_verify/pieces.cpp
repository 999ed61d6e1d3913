#include "anchoring/kedge_verify/pieces.hpp"

namespace kedge_verify {
namespace {

constexpr std::string_view kBroken = "the JSON is broken or cut short";

// Entries may stand before the type that says what they are: look ahead, from behind the list's name.
bool is_bundle_ahead(TextScan scan) {
    std::string_view key, raw;
    bool plain = false;
    if (!scan.skip_value()) return false;
    while (scan.take(',')) {
        if (!scan.string(key, plain) || !scan.take(':') || !scan.value(raw)) return false;
        if (key == "resourceType") return raw == "\"Bundle\"";
    }
    return false;
}

}  // namespace

bool Pieces::malformed(Piece& out, std::string_view why) {
    where_ = Where::done;
    out = {Piece::Kind::malformed, why, 0};
    return true;
}

bool Pieces::next(Piece& out) {
    switch (where_) {
        case Where::top:
            return begin(out);
        case Where::members:
            return members(out);
        case Where::entries:
            return entries(out);
        case Where::done:
            break;
    }
    return false;
}

// A line that begins as an entry does: taken whole, so that NDJSON is as quick as a Bundle.
bool Pieces::entry_line(Piece& out) {
    const auto rest = text_.substr(scan_.offset());
    const bool entry = rest.starts_with("{\"resource\"") || rest.starts_with("{\"fullUrl\"");
    if (!entry || !scan_.object_text(out.text)) return false;
    out.kind = Piece::Kind::entry;
    out.number = number_++;
    return true;
}

bool Pieces::begin(Piece& out) {
    if (scan_.at_end()) {
        where_ = Where::done;
        return false;
    }
    scan_.next();
    if (entry_line(out)) return true;
    top_ = {};
    top_.begin = scan_.offset();
    if (!scan_.take('{')) return malformed(out, "neither a proof nor a JSON object");
    where_ = Where::members;
    first_ = true;
    return members(out);
}

bool Pieces::members(Piece& out) {
    for (;;) {
        if (scan_.take('}')) return end_of_top(out);
        if (!first_ && !scan_.take(',')) return malformed(out, kBroken);
        std::string_view key;
        bool plain = false;
        if (!scan_.string(key, plain) || !scan_.take(':')) return malformed(out, kBroken);
        if (!plain) return malformed(out, "a member name of the outermost object is written with escapes");
        first_ = false;
        if (member(key, out)) return true;
    }
}

bool Pieces::member(std::string_view key, Piece& out) {
    if (key == "entry" && scan_.next() == '[' && (top_.type == "\"Bundle\"" || (!top_.typed && is_bundle_ahead(scan_)))) {
        if (top_.has_entries) return malformed(out, "a Bundle with two lists of entries");
        top_.has_entries = true;
        scan_.take('[');
        where_ = Where::entries;
        first_ = true;
        return entries(out);
    }
    std::string_view raw;
    if (!scan_.value(raw)) return malformed(out, kBroken);
    if (key == "resourceType") {
        if (top_.typed) return malformed(out, "an object with two resourceTypes");
        top_.typed = true;
        top_.type = raw;
    } else if (key == "meta") {
        if (top_.has_meta) return malformed(out, "an object with two members 'meta'");
        top_.has_meta = true;
        top_.meta = raw;
    } else if (key == "resource") {
        top_.has_resource = true;
    }
    return false;
}

bool Pieces::entries(Piece& out) {
    if (first_ && scan_.take(']')) {
        where_ = Where::members;
        first_ = false;
        return members(out);
    }
    if (!first_ && !scan_.take(',')) {
        if (!scan_.take(']')) return malformed(out, kBroken);
        where_ = Where::members;
        return members(out);
    }
    first_ = false;
    out.kind = Piece::Kind::entry;
    // Who checks the entry reads it strictly; here its end is enough.
    if (!scan_.object_text(out.text)) return malformed(out, kBroken);
    out.number = number_++;
    return true;
}

bool Pieces::end_of_top(Piece& out) {
    where_ = Where::top;
    if (top_.type == "\"Bundle\"") {
        out = {Piece::Kind::bundle_end, top_.meta, 0};
        return true;
    }
    const auto whole = text_.substr(top_.begin, scan_.offset() - top_.begin);
    if (!top_.typed && top_.has_resource) {
        out = {Piece::Kind::entry, whole, number_++};
    } else {
        out = {Piece::Kind::resource, whole, 0};
    }
    return true;
}

}  // namespace kedge_verify
