// Walking over all rows, and building the index again. The server is stopped: these take their time.
#include "storage/crypto/hash.hpp"
#include "storage/store/index_table.hpp"
#include "storage/store/store_impl.hpp"

#include <future>

namespace store {
namespace {

using base::Kind;

constexpr std::uint64_t kReindexBatch = 2000;

// One stored version for the index; nullopt when its key was destroyed.
base::Result<std::optional<NewRecord>> for_index(const Core& core, RecordTable& table, std::uint64_t seq, const Store::Extract& extract) {
    const auto row = table.row(seq);
    if (!row) return base::pass(row);
    if (!*row) return base::fail(Kind::corrupt, "version " + std::to_string(seq) + " is missing: run `kedge fsck`");
    const auto name = core.envelope.open_name((*row)->name, (*row)->place);
    if (!name) return base::pass(name);
    auto opened = core.envelope.open_body((*row)->body, name->type, name->id, (*row)->place);
    if (!opened && opened.error().kind == Kind::gone) return std::optional<NewRecord>();
    if (!opened) return base::pass(opened);
    NewRecord out;
    if (!opened->record.version.deleted) {
        auto extracted = extract(opened->record);
        if (!extracted) return base::pass(extracted);
        out = std::move(*extracted);
    } else {
        out.patients = opened->patients.all;  // a delete mark has no body to find them in
    }
    out.type = opened->record.type;
    out.id = opened->record.id;
    out.patient = opened->record.patient;
    out.facts = opened->record.facts;
    out.updated_us = opened->record.version.updated_us;
    out.version = opened->record.version.version;
    out.deleted = opened->record.version.deleted;
    return std::optional(std::move(out));
}

base::Status index_one(const Core& core, Writer& writer, std::uint64_t seq, const Store::Extract& extract) {
    auto& table = writer.connection().table;
    const auto record = for_index(core, table, seq, extract);
    if (!record) return base::pass(record);
    if (!*record) return {};
    const auto before = (*record)->version == 1
                            ? base::Result<std::optional<std::uint64_t>>(std::nullopt)
                            : table.seq_of(core.envelope.record_id((*record)->type, (*record)->id), (*record)->version - 1);
    if (!before) return base::pass(before);
    return writer.index().apply(index_row(**record, seq, before->value_or(0), core.tokens));
}

base::Status rebuild(const Core& core, Writer& writer, const Store::Extract& extract,
                     const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
    auto& db = writer.connection().index;
    auto& state = writer.state();
    const auto erasures = core.keys.erasures();
    if (!erasures) return base::pass(erasures);
    state = IndexTable::State{0, *erasures, true};
    writer.connection().search->forget_names();
    if (auto done = db.run("BEGIN IMMEDIATE"); !done) return done;
    if (auto done = writer.index().clear(); !done) return done;
    if (auto done = writer.index().set_state(state); !done) return done;
    if (auto done = db.run("COMMIT"); !done) return done;
    const auto last = writer.last();
    for (std::uint64_t seq = 1; seq <= last || state.rebuilding;) {
        if (auto done = db.run("BEGIN IMMEDIATE"); !done) return done;
        for (const auto end = std::min(last + 1, seq + kReindexBatch); seq < end; ++seq) {
            if (auto done = index_one(core, writer, seq, extract); !done) return done;
        }
        state.applied = seq - 1;
        state.rebuilding = seq <= last;
        if (auto done = writer.index().set_state(state); !done) return done;
        if (auto done = db.run("COMMIT"); !done) return done;
        writer.index().keep();
        if (auto done = db.checkpoint(false); !done) return base::pass(done);
        if (progress) progress(seq - 1, last);
    }
    return writer.checkpoint_all();
}

}  // namespace

base::Status StoreImpl::reindex(const Extract& extract, const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
    std::promise<base::Status> promise;
    core_.index_ready = false;
    writer_->run_alone([&](Writer& writer) {
        auto done = rebuild(core_, writer, extract, progress);
        auto& db = writer.connection().index;
        if (db.in_transaction() && !db.run("ROLLBACK")) writer.fail_for_good("rolling a reindex back failed");
        promise.set_value(std::move(done));
    });
    auto done = promise.get_future().get();
    pool_.close_idle();  // names have new numbers now
    core_.index_ready = done.has_value();
    return done;
}

base::Status StoreImpl::walk(const std::function<base::Status(std::uint64_t, const RecordId&, const Version&)>& each) {
    const auto connection = pool_.lease();
    if (!connection) return base::pass(connection);
    const std::uint64_t last = core_.acknowledged;
    for (std::uint64_t seq = 1; seq <= last; ++seq) {
        const auto row = (*connection)->table.row(seq);
        if (!row && row.error().kind != Kind::corrupt) return base::pass(row);
        if (!row || !*row) continue;
        const auto& place = (*row)->place;
        const auto name = core_.envelope.open_name((*row)->name, place);
        if (!name && name.error().kind != Kind::corrupt) return base::pass(name);
        if (!name) continue;
        Version version;
        version.seq = seq;
        version.version = place.version;
        version.updated_us = name->updated_us;
        version.deleted = name->deleted;
        // What is stored, not what the name says was stored: the caller compares it with the audit chain.
        if (!name->deleted) version.ciphertext_hash = crypto::sha256((*row)->body);
        if (auto done = each(seq, place.rid, version); !done) return done;
    }
    return {};
}

}  // namespace store
