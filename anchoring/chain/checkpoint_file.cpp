#include "anchoring/chain/checkpoint_file.hpp"

#include "storage/crypto/hash.hpp"

#include <algorithm>

namespace chain {
namespace {

using base::Kind;

constexpr std::string_view kMagic = "kedgechk";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kMaxOrigin = 256;

}  // namespace

base::Status CheckpointFile::create(const std::string& dir, const std::string& origin, const crypto::Ed25519PublicKey& key) {
    if (origin.empty() || origin.size() > kMaxOrigin || !proof::VerifierKey::parse(proof::VerifierKey{origin, key}.text())) {
        return base::fail(Kind::invalid, "the origin of an audit log is 1 to 256 bytes without white space and plus signs");
    }
    auto header = base::Writer().raw(base::as_bytes(kMagic)).u32(kVersion).raw(key).sized(origin).take();
    header.resize(kHeaderBytes);
    return write_new(dir, dir + "/checkpoints", header);
}

base::Result<std::unique_ptr<CheckpointFile>> CheckpointFile::open(const std::string& path, const crypto::Key& mac_key,
                                                                   const crypto::Ed25519PublicKey& key, File::Mode mode) {
    if (!file_exists(path)) return base::fail(Kind::not_found, "the audit log has no file of checkpoints");
    auto file = File::open(path, mode);
    if (!file) return base::pass(file);
    std::array<std::uint8_t, kHeaderBytes> header{};
    const auto got = file->read_at(0, header);
    const auto size = file->size();
    if (!got || !size) return base::fail(Kind::fault, "the file of checkpoints cannot be read");
    base::Reader in(header);
    const bool magic = base::as_text(in.raw(kMagic.size())) == kMagic && in.u32() == kVersion;
    const auto own = in.array<32>();
    const auto origin = in.text();
    if (*got != kHeaderBytes || !magic || !in.ok()) return base::fail(Kind::corrupt, "the file of checkpoints has no good header");
    if (own != key) return base::fail(Kind::corrupt, "the file of checkpoints belongs to another key");

    std::unique_ptr<CheckpointFile> out(new CheckpointFile(std::move(*file), mac_key.copy(), proof::VerifierKey{origin, key}));
    out->count_ = (*size - kHeaderBytes) / kRecordBytes;
    while (out->count_ > 0) {
        std::array<std::uint8_t, kRecordBytes> record{};
        const auto read = out->file_.read_at(kHeaderBytes + (out->count_ - 1) * kRecordBytes, record);
        if (!read) return base::pass(read);
        if (std::any_of(record.begin(), record.end(), [](auto b) { return b != 0; })) break;
        --out->count_;
    }
    const auto end = kHeaderBytes + out->count_ * kRecordBytes;
    if (end != *size && mode == File::Mode::write) {
        if (const auto cut = out->file_.truncate(end); !cut) return base::pass(cut);
    }
    if (out->count_ > 0) {
        auto last = out->read(out->count_ - 1);
        if (!last) return base::pass(last);
        out->last_ = *last;
    }
    return out;
}

base::Bytes CheckpointFile::encode(std::uint64_t index, const CheckpointRecord& r) const {
    auto out = base::Writer()
                   .u64(r.size)
                   .u64(static_cast<std::uint64_t>(r.time_us))
                   .raw(r.root)
                   .raw(r.signature)
                   .u64(r.end.packed())
                   .raw(r.last)
                   .take();
    const auto place = base::Writer().u64(index).take();
    const auto mac = crypto::hmac_sha256(mac_key_.view(), {place, out});
    out.insert(out.end(), mac.begin(), mac.end());
    return out;
}

std::uint64_t CheckpointFile::count() const {
    const std::lock_guard lock(mutex_);
    return count_;
}

std::optional<CheckpointRecord> CheckpointFile::last() const {
    const std::lock_guard lock(mutex_);
    return last_;
}

base::Result<CheckpointRecord> CheckpointFile::read(std::uint64_t index) const {
    std::array<std::uint8_t, kRecordBytes> bytes{};
    const auto got = file_.read_at(kHeaderBytes + index * kRecordBytes, bytes);
    if (!got) return base::pass(got);
    base::Reader in(bytes);
    CheckpointRecord out;
    out.size = in.u64();
    out.time_us = static_cast<base::TimeUs>(in.u64());
    out.root = in.array<32>();
    out.signature = in.array<64>();
    out.end = Place::unpack(in.u64());
    out.last = in.array<32>();
    if (*got != kRecordBytes || !base::equal_constant_time(encode(index, out), bytes)) {
        return base::fail(Kind::corrupt, "checkpoint " + std::to_string(index) + " of the audit log is damaged");
    }
    return out;
}

base::Status CheckpointFile::append(const CheckpointRecord& record, Disk& disk) {
    const std::lock_guard lock(mutex_);
    if (const auto ok = disk.write_at(file_.fd(), encode(count_, record), kHeaderBytes + count_ * kRecordBytes); !ok) return ok;
    if (const auto ok = disk.sync(file_.fd()); !ok) return ok;
    ++count_;
    last_ = record;
    return {};
}

base::Result<std::optional<CheckpointRecord>> CheckpointFile::covering(std::uint64_t index) const {
    std::uint64_t low = 0, high = count();
    while (low < high) {
        const auto middle = low + (high - low) / 2;
        const auto record = read(middle);
        if (!record) return base::pass(record);
        if (record->size > index)
            high = middle;
        else
            low = middle + 1;
    }
    if (low == count()) return std::nullopt;
    auto record = read(low);
    if (!record) return base::pass(record);
    return *record;
}

std::string CheckpointFile::text(const CheckpointRecord& record) const {
    return proof::checkpoint_text({key_.name, record.size, record.root});
}

SignedCheckpoint CheckpointFile::note(const CheckpointRecord& record) const {
    return {record.size, record.root, record.time_us, proof::format_note(text(record), key_, record.signature)};
}

}  // namespace chain
