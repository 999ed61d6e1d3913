#include "storage/crypto/compress.hpp"

#include <zstd.h>

namespace crypto {
namespace {

using base::Kind;

struct Free {
    void operator()(ZSTD_CCtx* p) const { ZSTD_freeCCtx(p); }
    void operator()(ZSTD_DCtx* p) const { ZSTD_freeDCtx(p); }
    void operator()(ZSTD_CDict* p) const { ZSTD_freeCDict(p); }
    void operator()(ZSTD_DDict* p) const { ZSTD_freeDDict(p); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

// A context holds some hundred kB of tables: one for each thread, shared by all dictionaries.
ZSTD_CCtx* compressor() {
    thread_local const Owned<ZSTD_CCtx> context(ZSTD_createCCtx());
    CHECK(context != nullptr);
    return context.get();
}
ZSTD_DCtx* decompressor() {
    thread_local const Owned<ZSTD_DCtx> context(ZSTD_createDCtx());
    CHECK(context != nullptr);
    return context.get();
}

}  // namespace

struct Dictionary::Impl {
    Owned<ZSTD_CDict> packing;
    Owned<ZSTD_DDict> unpacking;
};

Dictionary::Dictionary(std::string_view content, int level)
    : impl_(new Impl{Owned<ZSTD_CDict>(ZSTD_createCDict(content.data(), content.size(), level)),
                     Owned<ZSTD_DDict>(ZSTD_createDDict(content.data(), content.size()))}) {
    // Dictionaries are part of the program, not data from outside: one that zstd refuses is a mistake made at build time.
    CHECK(impl_->packing != nullptr && impl_->unpacking != nullptr);
}
Dictionary::~Dictionary() = default;

base::Result<base::Bytes> Dictionary::compress(base::ByteView plain) const {
    auto* const context = compressor();
    base::Bytes out(ZSTD_compressBound(plain.size()));
    // A raw-text dictionary has no id in the frame. The checksum (4 bytes) is what finds a frame of another one.
    bool ok = ZSTD_isError(ZSTD_CCtx_reset(context, ZSTD_reset_session_and_parameters)) == 0 &&
              ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)) == 0 &&
              ZSTD_isError(ZSTD_CCtx_refCDict(context, impl_->packing.get())) == 0;
    if (ok) {
        const auto size = ZSTD_compress2(context, out.data(), out.size(), plain.data(), plain.size());
        ok = ZSTD_isError(size) == 0;
        if (ok) out.resize(size);
    }
    // The context outlives this dictionary: it must not keep a pointer to it.
    ZSTD_CCtx_reset(context, ZSTD_reset_session_and_parameters);
    if (!ok) return base::fail(Kind::fault, "compression failed inside zstd");
    return out;
}

base::Result<std::string> Dictionary::decompress(base::ByteView packed, std::size_t max_bytes) const {
    // The size is in the frame's header, and compress() always writes it: nothing is allocated for a frame that claims too much.
    const auto size = ZSTD_getFrameContentSize(packed.data(), packed.size());
    if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR)
        return base::fail(Kind::corrupt, "packed bytes are no frame of ours");
    if (size > max_bytes) return base::fail(Kind::corrupt, "packed bytes would grow past " + std::to_string(max_bytes) + " bytes");
    // zstd would go on to frames that follow the first.
    if (ZSTD_findFrameCompressedSize(packed.data(), packed.size()) != packed.size())
        return base::fail(Kind::corrupt, "packed bytes do not end with their frame");
    std::string out(size, '\0');
    const auto written =
        ZSTD_decompress_usingDDict(decompressor(), out.data(), out.size(), packed.data(), packed.size(), impl_->unpacking.get());
    if (ZSTD_isError(written) != 0 || written != out.size())
        return base::fail(Kind::corrupt, "packed bytes do not unpack with this dictionary");
    return out;
}

}  // namespace crypto
