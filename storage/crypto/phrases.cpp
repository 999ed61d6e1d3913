// LZ4_attach_dictionary stands among LZ4's "static only" functions in the release that Debian 12 has (1.9.4; stable since 1.10), so the
// static library is linked. Loading the dictionary for each text instead would cost more than packing it.
#define LZ4_STATIC_LINKING_ONLY
#include "storage/crypto/compress.hpp"

#include "storage/base/encoding.hpp"

#include <lz4.h>

namespace crypto {
namespace {

using base::Kind;

struct Free {
    void operator()(LZ4_stream_t* p) const { LZ4_freeStream(p); }
};
using Stream = std::unique_ptr<LZ4_stream_t, Free>;

constexpr std::size_t kSizeBytes = 4, kMostPhrases = 64u << 10;

const char* chars(base::ByteView bytes) {
    return reinterpret_cast<const char*>(bytes.data());
}

}  // namespace

struct Phrases::Impl {
    std::string content;  // LZ4 keeps a pointer to it
    Stream loaded;
};

Phrases::Phrases(std::string_view content) : impl_(new Impl{std::string(content), Stream(LZ4_createStream())}) {
    // Phrases are part of the program, not data from outside.
    CHECK(content.size() <= kMostPhrases && impl_->loaded != nullptr);
    LZ4_loadDict(impl_->loaded.get(), impl_->content.data(), static_cast<int>(impl_->content.size()));
}
Phrases::~Phrases() = default;

base::Result<base::Bytes> Phrases::compress(base::ByteView plain) const {
    if (plain.size() > LZ4_MAX_INPUT_SIZE) return base::fail(Kind::too_large, "a text of more than 2 GB is not packed");
    thread_local const Stream stream(LZ4_createStream());
    CHECK(stream != nullptr);
    const auto size = static_cast<int>(plain.size());
    auto out = base::Writer().u32(static_cast<std::uint32_t>(plain.size())).take();
    out.resize(kSizeBytes + static_cast<std::size_t>(LZ4_compressBound(size)));
    LZ4_resetStream_fast(stream.get());
    LZ4_attach_dictionary(stream.get(), impl_->loaded.get());
    const int packed = LZ4_compress_fast_continue(stream.get(), chars(plain), reinterpret_cast<char*>(out.data() + kSizeBytes), size,
                                                  LZ4_compressBound(size), 1);
    // The stream outlives these phrases: it must not keep a pointer to them.
    LZ4_attach_dictionary(stream.get(), nullptr);
    CHECK(packed > 0);  // the room was enough for anything
    out.resize(kSizeBytes + static_cast<std::size_t>(packed));
    return out;
}

base::Result<std::string> Phrases::decompress(base::ByteView packed, std::size_t max_bytes) const {
    base::Reader in(packed);
    const std::size_t size = in.u32();
    if (!in.ok()) return base::fail(Kind::corrupt, "packed bytes are cut short");
    // Nothing is allocated for bytes that claim too much.
    if (size > max_bytes || size > LZ4_MAX_INPUT_SIZE)
        return base::fail(Kind::corrupt, "packed bytes would grow past " + std::to_string(max_bytes) + " bytes");
    std::string out(size, '\0');
    const auto block = packed.subspan(kSizeBytes);
    const int written = LZ4_decompress_safe_usingDict(chars(block), out.data(), static_cast<int>(block.size()), static_cast<int>(size),
                                                      impl_->content.data(), static_cast<int>(impl_->content.size()));
    if (written < 0 || static_cast<std::size_t>(written) != size) return base::fail(Kind::corrupt, "packed bytes do not unpack");
    return out;
}

}  // namespace crypto
