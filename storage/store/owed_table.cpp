#include "storage/store/owed_table.hpp"

namespace store::owed_table {

base::Status make_when_absent(Database& rows) {
    return rows.execute("CREATE TABLE IF NOT EXISTS owed(id INTEGER PRIMARY KEY, what BLOB NOT NULL)");
}

base::Status add(Database& rows, base::ByteView what) {
    auto insert = rows.prepare("INSERT INTO owed(what) VALUES(?)");
    if (!insert) return base::pass(insert);
    return insert->bind(1, what).run();
}

base::Result<std::vector<KeyRing::Owed>> all(Database& rows) {
    auto read = rows.prepare("SELECT id,what FROM owed ORDER BY id");
    if (!read) return base::pass(read);
    std::vector<KeyRing::Owed> out;
    while (true) {
        const auto row = read->step();
        if (!row) return base::pass(row);
        if (!*row) return out;
        out.push_back({read->integer(0), base::to_bytes(read->view(1))});
    }
}

base::Status remove(Database& rows, std::int64_t id) {
    auto remove = rows.prepare("DELETE FROM owed WHERE id=?");
    if (!remove) return base::pass(remove);
    return remove->bind(1, id).run();
}

}  // namespace store::owed_table
