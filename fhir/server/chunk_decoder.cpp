#include "fhir/server/chunk_decoder.hpp"

#include <algorithm>

namespace server {
namespace {

constexpr unsigned kMaxSizeDigits = 12;  // 2^48: far above any body limit, far below an overflow
constexpr std::size_t kMaxExtensionBytes = 4096;
constexpr std::size_t kMaxTrailerBytes = 16384;

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace

bool ChunkDecoder::after_size() {
    if (digits_ == 0) return false;
    digits_ = 0;
    overhead_ = 0;
    part_ = left_ == 0 ? Part::trailer_start : Part::data;
    return true;
}

bool ChunkDecoder::step(char c) {
    switch (part_) {
        case Part::size:
            if (const int v = hex_value(c); v >= 0) {
                left_ = left_ * 16 + static_cast<unsigned>(v);
                return ++digits_ <= kMaxSizeDigits;
            }
            if (c == '\r') return (part_ = Part::size_lf, true);
            // BWS before ";" is allowed by the grammar; a bare LF is not: proxies disagree about it.
            return (part_ = Part::extension, c == ';' || c == ' ' || c == '\t');
        case Part::extension:
            if (c == '\r') return (part_ = Part::size_lf, true);
            return c != '\n' && ++overhead_ <= kMaxExtensionBytes;
        case Part::size_lf:
            return c == '\n' && after_size();
        case Part::data_cr:
            return (part_ = Part::data_lf, c == '\r');
        case Part::data_lf:
            return (part_ = Part::size, c == '\n');
        case Part::trailer_start:
            if (c == '\r') return (part_ = Part::end_lf, true);
            part_ = Part::trailer;
            return c != '\n' && ++overhead_ <= kMaxTrailerBytes;
        case Part::trailer:
            if (c == '\r') return (part_ = Part::trailer_lf, true);
            return c != '\n' && ++overhead_ <= kMaxTrailerBytes;
        case Part::trailer_lf:
            return (part_ = Part::trailer_start, c == '\n');
        case Part::end_lf:
            return (part_ = Part::done, c == '\n');
        case Part::data:
        case Part::done:
        case Part::malformed:
            return false;
    }
    return false;
}

ChunkDecoder::State ChunkDecoder::feed(std::string_view& in, std::string& out, std::size_t room) {
    while (!in.empty() && part_ != Part::done && part_ != Part::malformed) {
        if (part_ == Part::data) {
            const auto n = static_cast<std::size_t>(std::min<std::uint64_t>({left_, in.size(), room}));
            if (n == 0) return State::more;
            out.append(in.data(), n);
            in.remove_prefix(n);
            room -= n;
            left_ -= n;
            if (left_ == 0) part_ = Part::data_cr;
        } else {
            if (!step(in.front())) part_ = Part::malformed;
            in.remove_prefix(1);
        }
    }
    return part_ == Part::done ? State::done : part_ == Part::malformed ? State::malformed : State::more;
}

}  // namespace server
