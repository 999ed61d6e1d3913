// index.db: what is derived. One row for each version with its terms, and two tables that find candidates. Names (types, parameters,
// systems) are numbered once. Statements only; no transactions, no threads. Internal to storage/store.
#pragma once

#include "storage/store/database.hpp"
#include "storage/store/index_entries.hpp"

#include <unordered_map>

namespace store {

class IndexTable {
  public:
    explicit IndexTable(Database& db) : db_(db) {}

    // Makes the tables of a new file. Errors: Kind::corrupt when the file has another format.
    base::Status prepare();

    // How far the index has followed the records, and how many erasures it has carried out.
    struct State {
        std::uint64_t applied = 0;
        std::uint64_t erasures = 0;
        bool rebuilding = false;  // a reindex was cut short: nothing in here can be relied on
    };
    base::Result<State> state();
    base::Status set_state(const State& state);

    base::Status apply(const IndexRow& row);
    // Takes the versions newer than `last` out again: the records do not have them.
    base::Status drop_after(std::uint64_t last);
    // Takes out everything that the patient's key seals.
    base::Status purge_patient(std::string_view patient);
    // Every patient that occurs, for finding those that were erased meanwhile.
    base::Result<std::vector<std::string>> patients();
    base::Status clear();

    // Names that were numbered since the mark are forgotten when their savepoint was rolled back.
    std::size_t mark() const { return fresh_.size(); }
    void forget_since(std::size_t mark);
    void keep() { fresh_.clear(); }

  private:
    base::Result<std::int64_t> number_of(const std::string& name);
    base::Status insert_version(const IndexRow& row, const std::string& entries);
    base::Status insert_term(const StoredTerm& term, std::uint64_t seq);
    base::Status remove_version(std::uint64_t seq);

    Database& db_;
    std::unordered_map<std::string, std::int64_t> numbers_;
    std::vector<std::string> fresh_;
};

// Names of parameters that every version has.
std::string type_name(std::string_view type);  // numbers the type itself
std::string system_name(std::string_view system);
std::string id_param(std::string_view type);           // value: the packed id
std::string compartment_param(std::string_view type);  // value: a packed patient id, or nothing when there is no patient
constexpr std::string_view kAnyCompartment = "c";      // the beginning of compartment_param for every type
constexpr std::string_view kAnyId = "i";

}  // namespace store
