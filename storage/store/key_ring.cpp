#include "storage/store/key_ring_impl.hpp"

#include "storage/base/encoding.hpp"
#include "storage/crypto/hash.hpp"
#include "storage/crypto/key_wrap.hpp"
#include "storage/crypto/random.hpp"
#include "storage/store/owed_table.hpp"

namespace store {
namespace {

using base::Kind;

// FORMAT.md, keys.db. `owner` is a keyed hash of the patient's id, so the file names nobody even when its pages are opened.
constexpr std::string_view kSchema = R"(
BEGIN IMMEDIATE;
CREATE TABLE tenant(version INTEGER PRIMARY KEY, wrapped BLOB NOT NULL, secret BLOB NOT NULL, created_us INTEGER NOT NULL);
CREATE TABLE key(id BLOB PRIMARY KEY, owner BLOB NOT NULL, use INTEGER NOT NULL, tenant INTEGER NOT NULL, wrapped BLOB NOT NULL,
                 created_us INTEGER NOT NULL, UNIQUE(owner, use)) WITHOUT ROWID;
CREATE TABLE tombstone(owner BLOB NOT NULL, use INTEGER NOT NULL, id BLOB NOT NULL UNIQUE, erased_us INTEGER NOT NULL,
                       PRIMARY KEY(owner, use)) WITHOUT ROWID;
PRAGMA user_version=1;
COMMIT;)";

}  // namespace

KeyRing::KeyRing(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
KeyRing::~KeyRing() = default;

base::Status KeyRing::init(const std::string& dir, const base::Clock& clock) {
    if (auto made = files::make_directory(dir); !made) return made;
    const auto lock = key_files::lock(dir);
    if (!lock) return base::pass(lock);
    if (files::exists(key_files::root_path(dir)) || files::exists(key_files::rows_path(dir))) {
        return base::fail(Kind::conflict, "the data directory has keys already");
    }
    if (auto clean = key_files::discard_next(dir); !clean) return clean;
    const auto root = crypto::random_key();
    const auto tenant = crypto::random_key();
    const auto wrapped = crypto::wrap_key(root, tenant);
    const auto secret = crypto::wrap_key(tenant, crypto::random_key());
    if (!wrapped) return base::pass(wrapped);
    if (!secret) return base::pass(secret);
    if (auto written = key_files::write_root(key_files::next_root_path(dir), root); !written) return written;
    {
        auto rows = key_files::open_rows(key_files::next_rows_path(dir), root);
        if (!rows) return base::pass(rows);
        if (auto made = rows->execute(kSchema); !made) return made;
        auto insert = rows->prepare("INSERT INTO tenant(version,wrapped,secret,created_us) VALUES(1,?,?,?)");
        if (!insert) return base::pass(insert);
        insert->bind(1, base::ByteView(*wrapped)).bind(2, base::ByteView(*secret)).bind(3, clock.now_us());
        if (auto done = insert->run(); !done) return done;
    }
    return key_files::install_next(dir);
}

base::Result<std::unique_ptr<KeyRing>> KeyRing::open(const std::string& dir, const base::Clock& clock) {
    if (auto there = key_files::expect_directory(dir); !there) return base::pass(there);
    const auto lock = key_files::lock(dir);
    if (!lock) return base::pass(lock);
    auto pair = key_files::open_pair(dir);
    if (!pair) return base::pass(pair);
    auto impl = std::make_unique<Impl>(dir, clock, std::move(*pair));
    if (auto loaded = impl->load_tenant(); !loaded) return base::pass(loaded);
    if (auto noted = impl->note_file(); !noted) return base::pass(noted);
    if (auto there = owed_table::make_when_absent(impl->rows); !there) return base::pass(there);
    return std::unique_ptr<KeyRing>(new KeyRing(std::move(impl)));
}

base::Status KeyRing::Impl::load_tenant() {
    auto read = rows.prepare("SELECT version,wrapped,secret FROM tenant ORDER BY version DESC LIMIT 1");
    if (!read) return base::pass(read);
    const auto row = read->step();
    if (!row) return base::pass(row);
    if (!*row) return base::fail(Kind::corrupt, "keys.db has no tenant key");
    auto key = crypto::unwrap_key(root, read->view(1));
    if (!key) return base::fail(Kind::corrupt, "the root key does not open the tenant key");
    auto secret = crypto::unwrap_key(*key, read->view(2));
    if (!secret) return base::fail(Kind::corrupt, "the tenant key does not open the tenant secret");
    tenant = Tenant{read->integer(0), std::move(*key), std::move(*secret)};
    // Read without the lock by by_id: set once. The secret is the same after every reload.
    if (tenant_data == nullptr) tenant_data = std::make_shared<const crypto::Key>(crypto::hkdf_sha256(tenant.secret, {}, "tenant-data"));
    owner_key = crypto::hkdf_sha256(tenant.secret, {}, "key-owner");
    return {};
}

KeyRing::Impl::Owner KeyRing::Impl::owner_of(std::string_view patient) const {
    const auto digest = crypto::hmac_sha256(owner_key.view(), base::as_bytes(patient));
    Owner owner;
    std::copy_n(digest.begin(), owner.size(), owner.begin());
    return owner;
}

base::Result<NamedKey> KeyRing::Impl::unwrap(const KeyId& id, std::int64_t tenant_version, base::ByteView wrapped) {
    if (tenant_version != tenant.version) {  // another process rotated the tenant key
        if (auto loaded = load_tenant(); !loaded) return base::pass(loaded);
        if (tenant_version != tenant.version) return base::fail(Kind::corrupt, "a patient key is wrapped by a tenant key that is not here");
    }
    auto key = crypto::unwrap_key(tenant.key, wrapped);
    if (!key) return base::pass(key);
    return NamedKey{id, std::make_shared<const crypto::Key>(std::move(*key))};
}

base::Result<std::optional<NamedKey>> KeyRing::Impl::select(const Owner& owner, KeyUse use) {
    auto read = rows.prepare("SELECT id,tenant,wrapped FROM key WHERE owner=? AND use=?");
    if (!read) return base::pass(read);
    const auto row = read->bind(1, base::ByteView(owner)).bind(2, static_cast<std::int64_t>(use)).step();
    if (!row) return base::pass(row);
    if (!*row) return std::optional<NamedKey>();
    const auto id = read->view(0);
    if (id.size() != KeyId().size()) return base::fail(Kind::corrupt, "a key id of the wrong length");
    KeyId key_id;
    std::copy(id.begin(), id.end(), key_id.begin());
    auto key = unwrap(key_id, read->integer(1), read->view(2));
    if (!key) return base::pass(key);
    return std::optional(std::move(*key));
}

base::Result<bool> KeyRing::Impl::tombstone(const Owner& owner, KeyUse use) {
    auto read = rows.prepare("SELECT 1 FROM tombstone WHERE owner=? AND use=?");
    if (!read) return base::pass(read);
    return read->bind(1, base::ByteView(owner)).bind(2, static_cast<std::int64_t>(use)).step();
}

base::Result<NamedKey> KeyRing::Impl::insert(const Owner& owner, KeyUse use) {
    const NamedKey made{crypto::random_array<16>(), std::make_shared<const crypto::Key>(crypto::random_key())};
    const auto wrapped = crypto::wrap_key(tenant.key, *made.key);
    if (!wrapped) return base::pass(wrapped);
    auto row = rows.prepare("INSERT INTO key(id,owner,use,tenant,wrapped,created_us) VALUES(?,?,?,?,?,?)");
    if (!row) return base::pass(row);
    row->bind(1, base::ByteView(made.id)).bind(2, base::ByteView(owner)).bind(3, static_cast<std::int64_t>(use));
    row->bind(4, tenant.version).bind(5, base::ByteView(*wrapped)).bind(6, clock.now_us());
    if (auto done = row->run(); !done) return base::pass(done);
    return made;
}

// Both keys of a new patient are made in one commit: each commit of this file costs several fsyncs.
base::Result<NamedKey> KeyRing::Impl::find_or_make(std::string_view patient, KeyUse use) {
    const auto owner = owner_of(patient);
    const auto dead = tombstone(owner, use);
    if (!dead) return base::pass(dead);
    if (*dead) return base::fail(Kind::gone, "the key of this patient was destroyed");
    auto found = select(owner, use);
    if (!found) return base::pass(found);
    if (*found) return **found;

    Transaction transaction(rows);
    if (auto begun = transaction.begin(); !begun) return base::pass(begun);
    std::optional<NamedKey> wanted;
    for (const auto each : {KeyUse::data, KeyUse::audit}) {
        // Looked at again: between the look above and BEGIN another process can have made or destroyed them.
        const auto gone = tombstone(owner, each);
        if (!gone) return base::pass(gone);
        if (*gone && each == use) return base::fail(Kind::gone, "the key of this patient was destroyed");
        if (*gone) continue;
        auto there = select(owner, each);
        if (!there) return base::pass(there);
        auto key = *there ? base::Result<NamedKey>(**there) : insert(owner, each);
        if (!key) return base::pass(key);
        if (each == use) wanted = std::move(*key);
    }
    if (auto done = transaction.commit(); !done) return base::pass(done);
    return std::move(*wanted);
}

void KeyRing::Impl::remember(std::string_view patient, KeyUse use, const NamedKey& key) {
    const std::lock_guard lock(cache_mutex);
    by_patient.put(static_cast<char>(use) + std::string(patient), key);
    by_id.put(key.id, key);
}

void KeyRing::Impl::forget(std::string_view patient) {
    const std::lock_guard lock(cache_mutex);
    for (const auto use : {KeyUse::data, KeyUse::audit}) by_patient.erase(static_cast<char>(use) + std::string(patient));
    by_id.clear();  // an id does not say whose it is here; the others are fetched again
}

base::Result<NamedKey> KeyRing::patient_key(std::string_view patient_id, KeyUse use) {
    {
        const std::lock_guard lock(impl_->cache_mutex);
        if (const auto* known = impl_->by_patient.find(static_cast<char>(use) + std::string(patient_id))) return *known;
    }
    // Remembered before rows_mutex is let go: else an erasure could pass between, and the dead key would be cached.
    const std::lock_guard lock(impl_->rows_mutex);
    auto key = impl_->find_or_make(patient_id, use);
    if (!key) return key;
    impl_->remember(patient_id, use, *key);
    return key;
}

base::Result<NamedKey> KeyRing::by_id(const KeyId& id) {
    if (id == KeyId{}) return NamedKey{id, impl_->tenant_data};
    {
        const std::lock_guard lock(impl_->cache_mutex);
        if (const auto* known = impl_->by_id.find(id)) return *known;
    }
    const std::lock_guard lock(impl_->rows_mutex);
    auto read = impl_->rows.prepare("SELECT tenant,wrapped FROM key WHERE id=?");
    if (!read) return base::pass(read);
    const auto row = read->bind(1, base::ByteView(id)).step();
    if (!row) return base::pass(row);
    if (*row) {
        auto key = impl_->unwrap(id, read->integer(0), read->view(1));
        if (!key) return base::pass(key);
        const std::lock_guard caching(impl_->cache_mutex);
        impl_->by_id.put(id, *key);
        return key;
    }
    auto dead = impl_->rows.prepare("SELECT 1 FROM tombstone WHERE id=?");
    if (!dead) return base::pass(dead);
    const auto buried = dead->bind(1, base::ByteView(id)).step();
    if (!buried) return base::pass(buried);
    if (*buried) return base::fail(Kind::gone, "the key was destroyed");
    return base::fail(Kind::corrupt, "a key is not in keys.db, and was not destroyed by it: is keys.db older than the records?");
}

bool KeyRing::Impl::cached(std::string_view patient, KeyUse use) {
    const std::lock_guard lock(cache_mutex);
    return by_patient.find(static_cast<char>(use) + std::string(patient)) != nullptr;
}

base::Result<KeyRing::KeyState> KeyRing::state(std::string_view patient_id, KeyUse use) {
    if (impl_->cached(patient_id, use)) return KeyState::present;  // as a rule: every access asks this of a key that was used a moment ago
    const std::lock_guard lock(impl_->rows_mutex);
    const auto owner = impl_->owner_of(patient_id);
    const auto dead = impl_->tombstone(owner, use);
    if (!dead) return base::pass(dead);
    if (*dead) return KeyState::destroyed;
    auto read = impl_->rows.prepare("SELECT 1 FROM key WHERE owner=? AND use=?");
    if (!read) return base::pass(read);
    const auto there = read->bind(1, base::ByteView(owner)).bind(2, static_cast<std::int64_t>(use)).step();
    if (!there) return base::pass(there);
    return *there ? KeyState::present : KeyState::none;
}

base::Result<bool> KeyRing::Impl::destroy(const Owner& owner, KeyUse use) {
    auto bury = rows.prepare("INSERT INTO tombstone(owner,use,id,erased_us) SELECT owner,use,id,? FROM key WHERE owner=? AND use=?");
    if (!bury) return base::pass(bury);
    bury->bind(1, clock.now_us()).bind(2, base::ByteView(owner)).bind(3, static_cast<std::int64_t>(use));
    if (auto done = bury->run(); !done) return base::pass(done);
    if (rows.changes() == 0) return false;
    auto remove = rows.prepare("DELETE FROM key WHERE owner=? AND use=?");
    if (!remove) return base::pass(remove);
    if (auto done = remove->bind(1, base::ByteView(owner)).bind(2, static_cast<std::int64_t>(use)).run(); !done) return base::pass(done);
    return true;
}

base::Status KeyRing::erase_patient(std::string_view patient_id, bool also_audit_key, base::ByteView owed) {
    {
        const std::lock_guard lock(impl_->rows_mutex);
        const auto owner = impl_->owner_of(patient_id);
        Impl::Transaction transaction(impl_->rows);
        if (auto begun = transaction.begin(); !begun) return begun;
        const auto data = impl_->destroy(owner, KeyUse::data);
        if (!data) return base::pass(data);
        const auto audit = also_audit_key ? impl_->destroy(owner, KeyUse::audit) : base::Result<bool>(false);
        if (!audit) return base::pass(audit);
        if (!*data && !*audit) {
            const auto before = impl_->tombstone(owner, KeyUse::data);
            return base::fail(Kind::not_found, before && *before ? "the patient's key was destroyed before" : "there is no such patient key");
        }
        if (!owed.empty()) {
            if (auto kept = owed_table::add(impl_->rows, owed); !kept) return kept;
        }
        if (auto done = transaction.commit(); !done) return done;
        impl_->forget(patient_id);
    }
    const std::lock_guard lock(impl_->subscribers_mutex);
    for (const auto& [id, callback] : impl_->subscribers) callback(patient_id);
    return {};
}

base::Result<std::vector<KeyRing::Owed>> KeyRing::owed() {
    const std::lock_guard lock(impl_->rows_mutex);
    return owed_table::all(impl_->rows);
}
base::Status KeyRing::owed_done(std::int64_t id) {
    const std::lock_guard lock(impl_->rows_mutex);
    return owed_table::remove(impl_->rows, id);
}

std::uint64_t KeyRing::on_erase(OnErase callback) {
    const std::lock_guard lock(impl_->subscribers_mutex);
    impl_->subscribers.emplace(impl_->next_subscriber, std::move(callback));
    return impl_->next_subscriber++;
}
void KeyRing::stop_on_erase(std::uint64_t subscription) {
    const std::lock_guard lock(impl_->subscribers_mutex);
    impl_->subscribers.erase(subscription);
}

base::Result<std::uint64_t> KeyRing::erasures() {
    const std::lock_guard lock(impl_->rows_mutex);
    auto count = impl_->rows.prepare("SELECT count(*) FROM tombstone WHERE use=?");
    if (!count) return base::pass(count);
    const auto row = count->bind(1, static_cast<std::int64_t>(KeyUse::data)).step();
    if (!row) return base::pass(row);
    return static_cast<std::uint64_t>(count->integer(0));
}

crypto::Key KeyRing::derived(std::string_view purpose) const {
    const std::lock_guard lock(impl_->rows_mutex);
    return crypto::hkdf_sha256(impl_->tenant.secret, {}, "use:" + std::string(purpose));
}

base::Result<std::size_t> KeyRing::fsck(const std::function<void(const std::string&)>& each) {
    std::size_t findings = 0;
    const auto found = [&](const std::string& sentence) {
        ++findings;
        each("keys.db: " + sentence);
    };
    const std::lock_guard lock(impl_->rows_mutex);
    auto pages = impl_->rows.prepare("PRAGMA integrity_check");
    if (!pages) return base::pass(pages);
    const auto verdict = pages->step();
    if (!verdict) found("pages do not open or are malformed");
    else if (pages->text(0) != "ok") found(pages->text(0));
    auto rows = impl_->rows.prepare("SELECT id,wrapped FROM key");
    if (!rows) return base::pass(rows);
    while (true) {
        const auto row = rows->step();
        if (!row) found("rows cannot be read: " + row.error().diagnostics);
        if (!row || !*row) return findings;
        if (!crypto::unwrap_key(impl_->tenant.key, rows->view(1))) found("key " + base::to_hex(rows->view(0)) + " does not unwrap under the tenant's key");
    }
}

base::Status KeyRing::backup_to(const std::string& dir) {
    if (auto made = files::make_directory(dir); !made) return made;
    if (files::exists(key_files::rows_path(dir))) return base::fail(Kind::conflict, "the backup directory has keys already");
    const std::lock_guard lock(impl_->rows_mutex);
    return impl_->rows.backup_to(key_files::rows_path(dir), crypto::hkdf_sha256(impl_->root, {}, "db:keys"));
}

}  // namespace store
