// RFC 9112 section 7.1: the chunked transfer coding, byte by byte, so that a peer may cut it anywhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace server {

class ChunkDecoder {
  public:
    enum class State { more, done, malformed };

    // Takes as much of `in` as belongs to the body (removing it from `in`) and passes the data on to `out`, but never
    // more than `room` bytes in this call: look at `in` to see whether the room ran out. Chunk extensions and trailers
    // are read over and dropped; each line of them may have 4 KiB, all trailers 16 KiB.
    State feed(std::string_view& in, std::string& out, std::size_t room);

  private:
    enum class Part { size, extension, size_lf, data, data_cr, data_lf, trailer_start, trailer, trailer_lf, end_lf, done, malformed };
    bool step(char c);  // one byte outside of data; false when it breaks the grammar
    bool after_size();

    Part part_ = Part::size;
    std::uint64_t left_ = 0;  // of the chunk in hand
    unsigned digits_ = 0;
    std::size_t overhead_ = 0;  // bytes of this line (extension) or of all trailers
};

}  // namespace server
