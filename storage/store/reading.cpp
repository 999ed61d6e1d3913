#include "storage/store/reading.hpp"

namespace store {
namespace {

using base::Kind;

}  // namespace

Touched touched_of(const Record& record) {
    return {record.type, record.id, record.version.version, record.patient};
}

base::Result<Record> Reading::open(std::uint64_t seq, std::string_view type, std::string_view id, std::uint32_t version) {
    const auto row = connection_.table.row(seq);
    if (!row) return base::pass(row);
    if (!*row) return base::fail(Kind::corrupt, "a version is listed, and its row is missing");
    // The row must be the one that the table of versions promised: its place is part of what opens it.
    if ((*row)->place.version != version) return base::fail(Kind::corrupt, "a row holds another version than is listed");
    auto opened = core_.envelope.open_body((*row)->body, type, id, (*row)->place);
    if (!opened) return base::pass(opened);
    duty_.note(touched_of(opened->record));
    return std::move(opened->record);
}

base::Result<std::optional<Record>> Reading::current(std::string_view type, std::string_view id) {
    if (cache_ != nullptr) {
        if (const auto known = cache_->find(type, id); known && known->version.seq <= last_) {
            duty_.note(touched_of(*known));
            return std::optional(*known);
        }
    }
    const auto head = connection_.table.head(core_.envelope.record_id(type, id), last_);
    if (!head) return base::pass(head);
    if (!*head) return std::optional<Record>();
    auto record = open((*head)->seq, type, id, (*head)->version);
    if (!record) return base::pass(record);
    return std::optional(std::move(*record));
}

base::Result<std::optional<Record>> Reading::version(std::string_view type, std::string_view id, std::uint32_t version) {
    const auto seq = connection_.table.seq_of(core_.envelope.record_id(type, id), version);
    if (!seq) return base::pass(seq);
    if (!*seq || **seq > last_) return std::optional<Record>();
    auto record = open(**seq, type, id, version);
    if (!record) return base::pass(record);
    return std::optional(std::move(*record));
}

base::Result<Record> Reading::at(std::uint64_t seq) {
    if (seq == 0 || seq > last_) return base::fail(Kind::not_found, "there is no such version");
    const auto row = connection_.table.row(seq);
    if (!row) return base::pass(row);
    if (!*row) return base::fail(Kind::corrupt, "a version is missing: the order of writing has no gaps");
    const auto& place = (*row)->place;
    const auto name = core_.envelope.open_name((*row)->name, place);
    if (!name) return base::pass(name);
    auto opened = core_.envelope.open_body((*row)->body, name->type, name->id, place);
    if (!opened) return base::pass(opened);
    duty_.note(touched_of(opened->record));
    return std::move(opened->record);
}

base::Result<Record> Reading::fetch(const Hit& hit) {
    if (hit.seq > last_) return base::fail(Kind::not_found, "there is no such version");
    if (cache_ != nullptr) {
        if (const auto known = cache_->find(hit.type, hit.id); known && known->version.seq == hit.seq) {
            duty_.note(touched_of(*known));
            return *known;
        }
    }
    return open(hit.seq, hit.type, hit.id, hit.version);
}

base::Result<Hits> Reading::search(const Query& query, const Predicate& permits) {
    if (!core_.index_ready) return base::fail(Kind::unavailable, "the search index is not complete: run `kedge reindex`");
    if (core_.index_behind) return base::fail(Kind::unavailable, "the search index could not be written; searches are answered again when the server was started anew");
    auto found = connection_.search->run(query, last_, permits);
    if (!found) return base::pass(found);
    for (std::size_t i = 0; i < found->hits.rows.size(); ++i) {
        const auto& hit = found->hits.rows[i];
        duty_.note({hit.type, hit.id, hit.version, found->patients[i]});
    }
    return std::move(found->hits);
}

base::Result<std::optional<Record>> read_newest(Core& core, ConnectionPool& pool, AuditDuty& duty, std::string_view type,
                                                std::string_view id) {
    if (const auto known = core.cache.find(type, id)) {
        duty.note(touched_of(*known));
        return std::optional(*known);
    }
    const auto ticket = core.cache.ticket(type, id);
    const auto connection = pool.lease();
    if (!connection) return base::pass(connection);
    const auto row = (*connection)->table.newest(core.envelope.record_id(type, id));
    if (!row) return base::pass(row);
    if (!*row) return std::optional<Record>();
    auto opened = core.envelope.open_body((*row)->body, type, id, (*row)->place);
    if (!opened) return base::pass(opened);
    duty.note(touched_of(opened->record));
    const auto record = std::make_shared<const Record>(std::move(opened->record));
    core.cache.put(ticket, record);
    return std::optional(*record);
}

}  // namespace store
