#include "anchoring/chain/segment.hpp"

#include "storage/crypto/hash.hpp"
#include "storage/crypto/random.hpp"

#include <algorithm>
#include <filesystem>

namespace chain {
namespace {

using base::Kind;

constexpr std::string_view kMagic = "kedgelog";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kReadAhead = 2048;  // most frames come with one pread
constexpr std::size_t kMaxOpen = 64;

crypto::Key segment_key(const crypto::Key& log_key, std::uint32_t number, std::uint64_t first_seq, base::ByteView salt) {
    return crypto::hkdf_sha256(log_key, salt, "segment|" + std::to_string(number) + "|" + std::to_string(first_seq));
}

}  // namespace

std::string Segment::path_in(const std::string& dir, std::uint32_t number) {
    auto digits = std::to_string(number);
    return dir + "/segment-" + std::string(8 - std::min<std::size_t>(8, digits.size()), '0') + digits + ".log";
}

Segment::Segment(File file, std::uint32_t number, std::uint64_t first_seq, const std::array<std::uint8_t, 32>& salt,
                 const crypto::Key& log_key)
    : file_(std::move(file)), number_(number), first_seq_(first_seq), salt_(salt), key_(segment_key(log_key, number, first_seq, salt)) {}

base::Result<std::shared_ptr<Segment>> Segment::create(const std::string& dir, std::uint32_t number, std::uint64_t first_seq,
                                                       const crypto::Key& log_key) {
    const auto salt = crypto::random_array<32>();
    const auto header = base::Writer().raw(base::as_bytes(kMagic)).u32(kVersion).u32(number).u64(first_seq).raw(salt).u64(0).take();
    CHECK(header.size() == kHeaderBytes);
    if (const auto ok = write_new(dir, path_in(dir, number), header); !ok) return base::pass(ok);
    return open(dir, number, log_key, File::Mode::write);
}

base::Result<std::shared_ptr<Segment>> Segment::open(const std::string& dir, std::uint32_t number, const crypto::Key& log_key,
                                                     File::Mode mode) {
    auto file = File::open(path_in(dir, number), mode);
    if (!file) return base::pass(file);
    std::array<std::uint8_t, kHeaderBytes> header{};
    const auto got = file->read_at(0, header);
    if (!got) return base::pass(got);
    base::Reader in(header);
    const bool magic = base::as_text(in.raw(kMagic.size())) == kMagic;
    const auto version = in.u32(), own = in.u32();
    const auto first_seq = in.u64();
    const auto salt = in.array<32>();
    if (*got != kHeaderBytes || !magic || version != kVersion || own != number) {
        return base::fail(Kind::corrupt, "segment " + std::to_string(number) + " of the audit log has no good header");
    }
    return std::shared_ptr<Segment>(new Segment(std::move(*file), number, first_seq, salt, log_key));
}

base::Result<std::optional<Segment::Frame>> Segment::read(std::uint32_t offset) const {
    const auto damaged = [&] {
        return base::fail(Kind::corrupt,
                          "the frame at offset " + std::to_string(offset) + " of segment " + std::to_string(number_) + " does not open");
    };
    base::Bytes ahead(kReadAhead);
    const auto got = file_.read_at(offset, ahead);
    if (!got) return base::pass(got);
    if (*got == 0) return std::nullopt;
    ahead.resize(*got);
    base::Reader in(ahead);
    const std::size_t length = in.u32();
    const auto type = in.u8();
    if (!in.ok() || (length == 0 && type == 0)) {
        // Fewer than five bytes left are unwritten space too, as long as they are zeroes.
        const bool zeroes =
            std::all_of(ahead.begin(), ahead.begin() + static_cast<std::ptrdiff_t>(std::min(ahead.size(), kFrameHeaderBytes)),
                        [](auto b) { return b == 0; });
        if (zeroes) return std::nullopt;
        return damaged();
    }
    if (length < kFrameOverhead - kFrameHeaderBytes || length > kMaxFrameBytes || (type != 1 && type != 2)) return damaged();
    if (ahead.size() < kFrameHeaderBytes + length) {
        const auto have = ahead.size();
        ahead.resize(kFrameHeaderBytes + length);
        const auto rest = file_.read_at(offset + have, std::span(ahead).subspan(have));
        if (!rest) return base::pass(rest);
        if (*rest != ahead.size() - have) return damaged();
    }
    Frame out;
    out.type = static_cast<FrameType>(type);
    auto body = open_frame(key_, out.type, {number_, offset}, base::ByteView(ahead).subspan(kFrameHeaderBytes, length));
    if (!body) return damaged();
    out.body = std::move(*body);
    out.next = offset + static_cast<std::uint32_t>(kFrameHeaderBytes + length);
    return out;
}

base::Result<std::uint32_t> Segments::count_in(const std::string& dir) {
    std::uint32_t named = 0, count = 0;
    std::error_code error;
    for (const auto& item : std::filesystem::directory_iterator(dir, error)) {
        const auto name = item.path().filename().string();
        if (name.starts_with("segment-") && name.ends_with(".log")) ++named;
    }
    if (error) return base::fail(Kind::fault, "listing " + dir + ": " + error.message());
    while (file_exists(Segment::path_in(dir, count))) ++count;
    if (count != named) return base::fail(Kind::corrupt, "segment " + std::to_string(count) + " of the audit log is missing");
    return count;
}

base::Result<std::shared_ptr<Segment>> Segments::get(std::uint32_t number) {
    const std::lock_guard lock(mutex_);
    const auto known = open_.find(number);
    if (known != open_.end()) return known->second;
    auto opened = Segment::open(dir_, number, log_key_, File::Mode::read);
    if (!opened) return opened;
    if (open_.size() >= kMaxOpen) open_.erase(open_.begin());
    open_.emplace(number, *opened);
    return opened;
}

base::Result<std::shared_ptr<Segment>> Segments::create(std::uint32_t number, std::uint64_t first_seq) {
    return Segment::create(dir_, number, first_seq, log_key_);
}

base::Result<std::shared_ptr<Segment>> Segments::writable(std::uint32_t number) {
    return Segment::open(dir_, number, log_key_, File::Mode::write);
}

}  // namespace chain
