// The embedded ledger's BlockStore in a page-encrypted SQLite file of its own.
#pragma once

#include "anchoring/ledger/block_store.hpp"
#include "storage/store/database.hpp"

#include <memory>

namespace ledger {

class SqliteBlockStore final : public BlockStore {
  public:
    // Makes the tables in a new file. Open the database with Sync::full: an appended block must outlive the power.
    // Errors: what the database gives.
    static base::Result<std::unique_ptr<SqliteBlockStore>> open(store::Database database);

    base::Result<std::optional<std::uint64_t>> head() override;
    base::Result<std::optional<base::Bytes>> block(std::uint64_t number) override;
    base::Status append(std::uint64_t number, base::ByteView block, const std::map<base::Bytes, base::Bytes>& changes) override;
    base::Result<std::optional<base::Bytes>> row(base::ByteView key) override;
    base::Status walk_rows(const std::function<base::Status(base::ByteView, base::ByteView)>& each) override;

    // For backups.
    store::Database& database() { return database_; }

  private:
    explicit SqliteBlockStore(store::Database database) : database_(std::move(database)) {}
    base::Status write(std::uint64_t number, base::ByteView block, const std::map<base::Bytes, base::Bytes>& changes);

    store::Database database_;
};

}  // namespace ledger
