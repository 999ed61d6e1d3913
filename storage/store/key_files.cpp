#include "storage/store/key_files.hpp"

#include "storage/base/encoding.hpp"
#include "storage/crypto/hash.hpp"

namespace store::key_files {
namespace {

using base::Kind;

constexpr std::string_view kRootPrefix = "KEDGE-ROOT-KEY-1 ";  // DO NOT CHANGE: stored
constexpr std::size_t kRootTextBytes = 128;

}  // namespace

base::Status expect_directory(const std::string& dir) {
    if (files::exists(dir)) return {};
    return base::fail(Kind::not_found, "there is no data directory " + dir + ": name another with --data, or begin one with `kedge keys init`");
}

base::Result<files::Lock> lock(const std::string& dir) {
    return files::Lock::take(dir + "/keys.lock", files::Lock::Wait::yes);
}

base::Status write_root(const std::string& path, const crypto::Key& root) {
    auto text = std::string(kRootPrefix) + base::to_hex(root.view()) + "\n";
    auto written = files::write_new(path, base::as_bytes(text));
    base::wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
    return written;
}

base::Result<crypto::Key> read_root(const std::string& path) {
    auto content = files::read(path, kRootTextBytes);
    if (!content) return base::pass(content);
    auto text = base::as_text(*content);
    if (text.ends_with('\n')) text.remove_suffix(1);
    const bool prefixed = text.starts_with(kRootPrefix);
    auto raw = base::from_hex(prefixed ? text.substr(kRootPrefix.size()) : "");
    base::wipe(*content);
    if (!prefixed || !raw || raw->size() != crypto::Key::kBytes) return base::fail(Kind::corrupt, "root.key holds no kedge root key");
    crypto::Key root(*raw);
    base::wipe(*raw);
    return root;
}

base::Result<Database> open_rows(const std::string& path, const crypto::Key& root) {
    OpenOptions options;
    options.wal = false;           // a WAL would keep destroyed keys until it is checkpointed
    options.secure_delete = true;  // and a free page would keep them for good
    options.cache_kib = 2 * 1024;
    return Database::open(path, crypto::hkdf_sha256(root, {}, "db:keys"), options);
}

base::Result<Pair> open_pair(const std::string& dir) {
    // Without this test Database::open would create an empty keys.db.
    if (!files::exists(rows_path(dir))) {
        if (!files::exists(root_path(dir))) return base::fail(Kind::not_found, "the data directory has no keys yet: `kedge keys init` makes them");
        return base::fail(Kind::corrupt, "keys.db is missing beside root.key, and no record opens without it: bring it back from a backup");
    }
    auto root = read_root(root_path(dir));
    if (root) {
        auto rows = open_rows(rows_path(dir), *root);
        if (rows) return Pair{std::move(*root), std::move(*rows)};
        if (rows.error().kind != Kind::corrupt) return base::pass(rows);
    } else if (root.error().kind != Kind::not_found) {
        return base::pass(root);
    }
    auto next = read_root(next_root_path(dir));
    if (!next && !root) return base::fail(Kind::corrupt, "root.key is missing, and keys.db opens with nothing else: put it back from where its copy is kept");
    if (!next) {
        return base::fail(Kind::corrupt,
                          "root.key does not open keys.db: it is another directory's, or a `kedge keys rotate` lies between them (a backup made before it opens "
                          "with the root.key from before it), or keys.db was changed");
    }
    auto rows = open_rows(rows_path(dir), *next);
    if (!rows) return base::fail(Kind::corrupt, "neither root.key nor root.key.new opens keys.db");
    if (auto moved = files::replace_and_shred(next_root_path(dir), root_path(dir)); !moved) return base::pass(moved);
    return Pair{std::move(*next), std::move(*rows)};
}

base::Status discard_next(const std::string& dir) {
    if (auto gone = files::shred(next_root_path(dir)); !gone) return gone;
    if (auto gone = files::shred(next_rows_path(dir) + "-journal"); !gone) return gone;
    return files::shred(next_rows_path(dir));
}

base::Status install_next(const std::string& dir) {
    if (auto moved = files::replace_and_shred(next_rows_path(dir), rows_path(dir)); !moved) return moved;
    return files::replace_and_shred(next_root_path(dir), root_path(dir));
}

}  // namespace store::key_files
