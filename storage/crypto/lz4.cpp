#include "storage/crypto/compress.hpp"

#include <lz4.h>

namespace crypto {
namespace {

const char* chars(base::ByteView bytes) {
    return reinterpret_cast<const char*>(bytes.data());
}

}  // namespace

base::Result<std::string> unpack_lz4(base::ByteView packed, std::string_view dictionary, std::size_t max_bytes) {
    using base::Kind;
    base::Reader in(packed);
    const std::size_t size = in.u32();
    if (!in.ok()) return base::fail(Kind::corrupt, "packed bytes are cut short");
    // Nothing is allocated for bytes that claim too much.
    if (size > max_bytes || size > LZ4_MAX_INPUT_SIZE)
        return base::fail(Kind::corrupt, "packed bytes would grow past " + std::to_string(max_bytes) + " bytes");
    std::string out(size, '\0');
    const auto block = in.raw(in.left());
    const int written = LZ4_decompress_safe_usingDict(chars(block), out.data(), static_cast<int>(block.size()), static_cast<int>(size),
                                                      dictionary.data(), static_cast<int>(dictionary.size()));
    if (written < 0 || static_cast<std::size_t>(written) != size) return base::fail(Kind::corrupt, "packed bytes do not unpack");
    return out;
}

}  // namespace crypto
