#include "storage/store/writer_unit.hpp"

#include "storage/crypto/aead.hpp"

namespace store {

using base::Kind;

base::Result<std::optional<Record>> WriterUnit::current(std::string_view type, std::string_view id) {
    return reading().current(type, id);
}
base::Result<std::optional<Record>> WriterUnit::version(std::string_view type, std::string_view id, std::uint32_t version) {
    return reading().version(type, id, version);
}
base::Result<Record> WriterUnit::at(std::uint64_t seq) {
    return reading().at(seq);
}
base::Result<Record> WriterUnit::fetch(const Hit& hit) {
    return reading().fetch(hit);
}
base::Result<Hits> WriterUnit::search(const Query& query, const Predicate& permits) {
    return reading().search(query, permits);
}

base::Result<Version> WriterUnit::put(const NewRecord& record) {
    auto& table = writer_.connection_->table;
    RowPlace place{writer_.last_ + 1, writer_.core_.envelope.record_id(record.type, record.id), record.version};
    const auto head = table.head(place.rid, UINT64_MAX);
    if (!head) return base::pass(head);
    if (record.version != (*head ? (*head)->version : 0) + 1) {
        return base::fail(Kind::conflict, "the record was changed by another request");
    }
    auto row = writer_.core_.envelope.seal(record, place);
    if (!row) return base::pass(row);
    if (auto done = table.append(place, *row); !done) return base::pass(done);
    const auto index = index_row(record, place.seq, *head ? (*head)->seq : 0, writer_.core_.tokens);
    if (auto done = writer_.index_->apply(index); !done) return base::pass(done);
    write_index_row(redo_, index);
    writer_.puts_.push_back({record.type, record.id});
    writer_.last_ = place.seq;
    return row->version;
}

base::Status WriterUnit::journal(std::string_view event_id, base::ByteView submission) {
    const auto sealed = crypto::seal(writer_.core_.journal_key, submission, journal_associated(event_id));
    if (!sealed) return base::pass(sealed);
    return writer_.connection_->table.add_journal(event_id, *sealed);
}

}  // namespace store
