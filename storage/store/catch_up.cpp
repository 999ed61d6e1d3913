#include "storage/store/catch_up.hpp"

#include "storage/base/log.hpp"
#include "storage/store/files.hpp"
#include "storage/store/integers.hpp"
#include "storage/store/writer.hpp"

namespace store {
namespace {

using base::Kind;

base::Status remove_index(const Core& core) {
    for (const char* suffix : {"", "-wal", "-shm"}) {
        if (auto gone = files::shred(core.index_path() + suffix); !gone) return gone;
    }
    return {};
}

base::Result<OpenedFiles> try_open(const Core& core) {
    OpenedFiles out;
    auto connection = Connection::open(core, Connection::Role::writer);
    if (!connection) return base::pass(connection);
    out.connection = std::move(*connection);
    out.index = std::make_unique<IndexTable>(out.connection->index);
    return out;
}

// Runs `work` in a transaction on the index.
template <class Work>
base::Status in_transaction(Database& db, Work work) {
    if (auto begun = db.run("BEGIN IMMEDIATE"); !begun) return begun;
    auto done = work();
    if (done) done = db.run("COMMIT");
    if (!done && db.in_transaction()) (void)db.run("ROLLBACK");  // the first error is the one that is told
    return done;
}

// False when a version between the index and the records is in no redo row.
base::Result<bool> apply_redo(const Core& core, Connection& connection, IndexTable& index, std::uint64_t& applied, std::uint64_t last) {
    auto read = connection.records.prepare("SELECT last_seq,rows FROM redo WHERE last_seq>? ORDER BY last_seq");
    if (!read) return base::pass(read);
    read->bind(1, to_sql(applied));
    while (true) {
        const auto row = read->step();
        if (!row) return base::pass(row);
        if (!*row) return applied == last;
        const auto rows = open_redo(core, from_sql(read->integer(0)), read->view(1));
        if (!rows) return base::pass(rows);
        for (const auto& each : *rows) {
            if (each.seq <= applied) continue;
            if (each.seq != applied + 1) return false;
            if (auto done = index.apply(each); !done) return base::pass(done);
            applied = each.seq;
        }
    }
}

// The overwritten rows stood in redo rows and WALs too. Nobody else has the files open yet: nothing holds this back.
base::Status cut_traces(Connection& connection, std::uint64_t applied) {
    if (auto cut = connection.index.checkpoint(true); !cut) return base::pass(cut);
    if (auto done = in_transaction(connection.records, [&] { return connection.table.drop_redo(applied); }); !done) return done;
    if (auto cut = connection.records.checkpoint(true); !cut) return base::pass(cut);
    return {};
}

base::Status purge_erased(const Core& core, OpenedFiles& files, IndexTable::State& state) {
    const auto erasures = core.keys.erasures();
    if (!erasures) return base::pass(erasures);
    if (*erasures == state.erasures) return {};
    const auto patients = files.index->patients();
    if (!patients) return base::pass(patients);
    for (const auto& patient : *patients) {
        const auto key = core.keys.state(patient, KeyUse::data);
        if (!key) return base::pass(key);
        if (*key != KeyRing::KeyState::destroyed) continue;
        if (auto done = purge_patient(*files.connection, *files.index, patient, state); !done) return done;
    }
    state.erasures = *erasures;
    auto done = in_transaction(files.connection->index, [&] { return files.index->set_state(state); });
    if (done) done = cut_traces(*files.connection, state.applied);
    return done;
}

}  // namespace

base::Result<OpenedFiles> open_files(const Core& core) {
    auto opened = try_open(core);
    auto prepared = opened ? opened->connection->table.prepare() : base::Status(base::pass(opened));
    if (prepared) prepared = opened->index->prepare();
    if (prepared) return opened;
    if (prepared.error().kind != Kind::corrupt) return base::pass(prepared);
    // Is it the records? Then nothing here may go on.
    OpenOptions probe;
    auto records = Database::open(core.records_path(), core.records_key, probe);
    if (!records) return base::pass(records);
    if (auto known = RecordTable(*records).prepare(); !known) return base::pass(known);
    base::log::error("index.db is damaged and is replaced by an empty one, to be filled by `kedge reindex`");
    if (opened) opened->connection.reset();
    if (auto gone = remove_index(core); !gone) return base::pass(gone);
    auto again = try_open(core);
    if (!again) return base::pass(again);
    if (auto made = again->index->prepare(); !made) return base::pass(made);
    again->index_was_lost = true;
    return again;
}

base::Result<CaughtUp> catch_up(const Core& core, OpenedFiles& files, std::uint64_t last_seq) {
    auto state = files.index->state();
    if (!state) return base::pass(state);
    CaughtUp out{*state, false};
    if (state->rebuilding) return out;
    if (state->applied != last_seq) {
        const auto where = "index.db is at version " + std::to_string(state->applied) + ", records.db at " + std::to_string(last_seq);
        if (state->applied > last_seq) {
            // A crash cannot do this: the records are committed first. `kedge fsck` compares them with the audit chain.
            base::log::error(where + ": this is a restored backup, or an older records.db was put in place");
        } else {
            base::log::info(where + ": catching up");
        }
        bool whole = true;
        auto done = in_transaction(files.connection->index, [&]() -> base::Status {
            if (out.state.applied > last_seq) {
                if (auto dropped = files.index->drop_after(last_seq); !dropped) return dropped;
                out.state.applied = last_seq;
            } else {
                const auto applied = apply_redo(core, *files.connection, *files.index, out.state.applied, last_seq);
                if (!applied) return base::pass(applied);
                whole = *applied;
            }
            return files.index->set_state(out.state);
        });
        if (!done) return base::pass(done);
        if (!whole) return out;
    }
    files.index->keep();
    if (auto purged = purge_erased(core, files, out.state); !purged) return base::pass(purged);
    out.ready = true;
    return out;
}

base::Status purge_patient(Connection& connection, IndexTable& index, std::string_view patient, IndexTable::State& state) {
    auto next = state;
    ++next.erasures;
    auto done = in_transaction(connection.index, [&]() -> base::Status {
        if (auto gone = index.purge_patient(patient); !gone) return gone;
        return index.set_state(next);
    });
    if (!done) return done;
    state = next;
    return {};
}

}  // namespace store
