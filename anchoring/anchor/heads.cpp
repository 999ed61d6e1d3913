#include "anchoring/anchor/heads.hpp"

#include "storage/crypto/random.hpp"

#include <algorithm>

namespace anchor {

using base::Kind;

base::Result<Heads> Heads::open(const std::string& path, const crypto::Key& key) {
    store::OpenOptions options;
    options.wal = false;  // a row each few minutes: a second file is not worth it
    auto db = store::Database::open(path, key, options);
    if (!db) return base::pass(db);
    Heads out(std::move(*db));
    if (auto ok = out.load(); !ok) return base::pass(ok);
    return out;
}

base::Status Heads::load() {
    auto made = db_.execute(
        "CREATE TABLE IF NOT EXISTS log(one INTEGER PRIMARY KEY CHECK(one=1), id BLOB NOT NULL);"
        "CREATE TABLE IF NOT EXISTS head(size INTEGER PRIMARY KEY, root BLOB NOT NULL, outbox INTEGER NOT NULL, state INTEGER NOT NULL,"
        " txn BLOB NOT NULL, block INTEGER NOT NULL, block_hash BLOB NOT NULL, sent_us INTEGER NOT NULL)");
    if (!made) return made;
    {
        auto insert = db_.prepare("INSERT OR IGNORE INTO log(one,id) VALUES(1,?)");
        if (!insert) return base::pass(insert);
        const auto fresh = crypto::random_array<32>();
        if (auto ok = insert->bind(1, base::ByteView(fresh)).run(); !ok) return ok;
    }
    auto id = db_.prepare("SELECT id FROM log");
    if (!id) return base::pass(id);
    const auto row = id->step();
    if (!row) return base::pass(row);
    if (!*row || id->view(0).size() != log_id_.size()) return base::fail(Kind::corrupt, "anchors.db has no good log id");
    std::copy_n(id->view(0).begin(), log_id_.size(), log_id_.begin());

    auto rows = db_.prepare("SELECT size,root,outbox,state,txn,block,block_hash,sent_us FROM head ORDER BY size");
    if (!rows) return base::pass(rows);
    for (;;) {
        const auto more = rows->step();
        if (!more) return base::pass(more);
        if (!*more) return {};
        AnchoredHead head;
        head.size = static_cast<std::uint64_t>(rows->integer(0));
        head.root = base::Reader(rows->view(1)).array<32>();
        head.outbox_id = static_cast<std::uint64_t>(rows->integer(2));
        head.state = static_cast<outbox::State>(rows->integer(3));
        head.txn_hash = base::Reader(rows->view(4)).array<32>();
        head.block_number = static_cast<std::uint64_t>(rows->integer(5));
        head.block_hash = base::Reader(rows->view(6)).array<32>();
        head.sent_us = rows->integer(7);
        all_.push_back(head);
    }
}

base::Status Heads::put(const AnchoredHead& head) {
    auto put = db_.prepare("INSERT OR REPLACE INTO head(size,root,outbox,state,txn,block,block_hash,sent_us) VALUES(?,?,?,?,?,?,?,?)");
    if (!put) return base::pass(put);
    put->bind(1, static_cast<std::int64_t>(head.size))
        .bind(2, base::ByteView(head.root))
        .bind(3, static_cast<std::int64_t>(head.outbox_id));
    put->bind(4, static_cast<std::int64_t>(head.state))
        .bind(5, base::ByteView(head.txn_hash))
        .bind(6, static_cast<std::int64_t>(head.block_number));
    if (auto ok = put->bind(7, base::ByteView(head.block_hash)).bind(8, head.sent_us).run(); !ok) return ok;
    const auto at =
        std::lower_bound(all_.begin(), all_.end(), head.size, [](const AnchoredHead& h, std::uint64_t size) { return h.size < size; });
    if (at != all_.end() && at->size == head.size)
        *at = head;
    else
        all_.insert(at, head);
    return {};
}

base::Status Heads::drop(std::uint64_t size) {
    auto remove = db_.prepare("DELETE FROM head WHERE size=?");
    if (!remove) return base::pass(remove);
    if (auto ok = remove->bind(1, static_cast<std::int64_t>(size)).run(); !ok) return ok;
    std::erase_if(all_, [&](const AnchoredHead& h) { return h.size == size; });
    return {};
}

}  // namespace anchor
