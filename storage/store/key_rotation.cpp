// New tenant and root keys; what patients' keys sealed is not touched.
#include "storage/crypto/hash.hpp"
#include "storage/crypto/key_wrap.hpp"
#include "storage/crypto/random.hpp"
#include "storage/store/key_ring_impl.hpp"

namespace store {

using base::Kind;

base::Status KeyRing::Impl::rewrap_all(const Tenant& next) {
    auto read = rows.prepare("SELECT id,wrapped FROM key WHERE tenant<>?1 LIMIT 1000");
    auto write = rows.prepare("UPDATE key SET tenant=?2, wrapped=?3 WHERE id=?1");
    if (!read) return base::pass(read);
    if (!write) return base::pass(write);
    // A thousand at a time, so that no row is changed under the cursor that walks them.
    for (std::size_t in_batch = 1000; in_batch == 1000;) {
        std::vector<std::pair<base::Bytes, base::Bytes>> batch;
        read->reset();
        read->bind(1, next.version);
        while (true) {
            const auto row = read->step();
            if (!row) return base::pass(row);
            if (!*row) break;
            batch.emplace_back(read->blob(0), read->blob(1));
        }
        for (const auto& [id, wrapped] : batch) {
            const auto key = crypto::unwrap_key(tenant.key, wrapped);
            if (!key) return base::pass(key);
            const auto again = crypto::wrap_key(next.key, *key);
            if (!again) return base::pass(again);
            write->reset();
            write->bind(1, base::ByteView(id)).bind(2, next.version).bind(3, base::ByteView(*again));
            if (auto done = write->run(); !done) return done;
        }
        in_batch = batch.size();
    }
    return {};
}

base::Status KeyRing::rotate_tenant_key() {
    const std::lock_guard lock(impl_->rows_mutex);
    auto& rows = impl_->rows;
    Impl::Transaction transaction(rows);
    if (auto begun = transaction.begin(); !begun) return begun;
    if (auto loaded = impl_->load_tenant(); !loaded) return loaded;  // another process may have rotated it
    Impl::Tenant next{impl_->tenant.version + 1, crypto::random_key(), impl_->tenant.secret.copy()};
    const auto wrapped = crypto::wrap_key(impl_->root, next.key);
    const auto secret = crypto::wrap_key(next.key, next.secret);
    if (!wrapped) return base::pass(wrapped);
    if (!secret) return base::pass(secret);
    auto insert = rows.prepare("INSERT INTO tenant(version,wrapped,secret,created_us) VALUES(?,?,?,?)");
    if (!insert) return base::pass(insert);
    insert->bind(1, next.version).bind(2, base::ByteView(*wrapped)).bind(3, base::ByteView(*secret)).bind(4, impl_->clock.now_us());
    if (auto done = insert->run(); !done) return done;
    if (auto done = impl_->rewrap_all(next); !done) return done;
    // Nothing is wrapped by the old tenant key any more: it goes.
    auto remove = rows.prepare("DELETE FROM tenant WHERE version<>?");
    if (!remove) return base::pass(remove);
    if (auto done = remove->bind(1, next.version).run(); !done) return done;
    if (auto done = transaction.commit(); !done) return done;
    impl_->tenant = std::move(next);
    return {};
}

base::Status KeyRing::rotate_root_key() {
    const std::lock_guard guard(impl_->rows_mutex);
    const auto lock = key_files::lock(impl_->dir);
    if (!lock) return base::pass(lock);
    if (auto clean = key_files::discard_next(impl_->dir); !clean) return clean;
    auto next = crypto::random_key();
    const auto wrapped = crypto::wrap_key(next, impl_->tenant.key);
    if (!wrapped) return base::pass(wrapped);
    if (auto written = key_files::write_root(key_files::next_root_path(impl_->dir), next); !written) return written;
    const auto path = key_files::next_rows_path(impl_->dir);
    if (auto copied = impl_->rows.backup_to(path, crypto::hkdf_sha256(next, {}, "db:keys")); !copied) return copied;
    {
        auto rows = key_files::open_rows(path, next);
        if (!rows) return base::pass(rows);
        auto update = rows->prepare("UPDATE tenant SET wrapped=? WHERE version=?");
        if (!update) return base::pass(update);
        if (auto done = update->bind(1, base::ByteView(*wrapped)).bind(2, impl_->tenant.version).run(); !done) return done;
    }
    if (auto installed = key_files::install_next(impl_->dir); !installed) return installed;
    auto rows = key_files::open_rows(key_files::rows_path(impl_->dir), next);
    if (!rows) return base::pass(rows);
    impl_->rows = std::move(*rows);
    impl_->root = std::move(next);
    return impl_->note_file();
}

base::Status KeyRing::Impl::note_file() {
    auto now = files::identity(key_files::rows_path(dir));
    if (!now) return base::pass(now);
    file = *now;
    return {};
}

base::Status KeyRing::expect_unrotated() {
    const std::lock_guard lock(impl_->rows_mutex);
    const auto now = files::identity(key_files::rows_path(impl_->dir));
    if (!now) return base::pass(now);
    if (*now == impl_->file) return {};
    return base::fail(Kind::conflict, "the keys in " + impl_->dir + " were replaced while they were being opened (`kedge keys rotate`): start again");
}

base::Status KeyRing::rotate(const std::string& dir, const base::Clock& clock) {
    if (auto there = key_files::expect_directory(dir); !there) return there;
    const auto alone = files::lock_directory(dir);
    if (!alone) return base::pass(alone);
    auto ring = open(dir, clock);
    if (!ring) return base::pass(ring);
    if (auto done = (*ring)->rotate_tenant_key(); !done) return done;
    return (*ring)->rotate_root_key();
}

}  // namespace store
