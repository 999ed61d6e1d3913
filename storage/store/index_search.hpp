// Runs a query on one connection to index.db. A driver (the criterion with the fewest candidates, or the order of writing) finds
// candidates; the SQL function admits() tests each against every criterion and then asks the caller's predicate, inside the WHERE
// clause: before LIMIT, before count(*). Internal to storage/store.
#pragma once

#include "storage/store/query_terms.hpp"

#include <unordered_map>

namespace store {

class IndexSearch {
  public:
    // Registers admits() on the connection, which must outlive this object, as must the tokens.
    static base::Result<std::unique_ptr<IndexSearch>> attach(Database& index, const Tokens& tokens);
    IndexSearch(const IndexSearch&) = delete;
    IndexSearch& operator=(const IndexSearch&) = delete;

    struct Found {
        Hits hits;
        std::vector<std::string> patients;  // the sealing patient of each row
    };
    // Sees the state right after the version `snapshot`. Errors: those of resolve(), Kind::too_large past max_examined.
    base::Result<Found> run(const Query& query, std::uint64_t snapshot, const Predicate& permits);

    // Names that a rolled-back savepoint had numbered.
    void forget_names() { types_.clear(); }

  private:
    IndexSearch(Database& index, const Tokens& tokens) : index_(index), tokens_(tokens) {}
    std::int64_t admits(std::span<const ColumnView> columns);
    const std::string& type_of(std::int64_t number);
    base::Status collect(Statement& statement, std::size_t limit, Found& out);

    Database& index_;
    const Tokens& tokens_;
    std::unordered_map<std::int64_t, std::string> types_;

    // Of the query that runs now.
    const WantedQuery* wanted_ = nullptr;
    const Predicate* permits_ = nullptr;
    std::uint64_t may_examine_ = 0, last_examined_ = 0;
    base::Status failed_;
    Candidate candidate_;
    std::string id_;
    Patients patients_;
};

}  // namespace store
