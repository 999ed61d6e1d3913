// What validation and terminology know: R4's own, the packages given at the start, and the definitions that clients stored. Readers take
// the set of the moment and never wait; a write makes a new set and swaps it in before it is answered.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "consent/decide/facts.hpp"
#include "fhir/validate/issue.hpp"
#include "fhir/validate/profiles.hpp"
#include "storage/store/store.hpp"

namespace rest {

// StructureDefinition, CodeSystem, ValueSet, ConceptMap, Questionnaire.
bool is_definition(std::string_view type);

// Why a definition could not be used once it is stored: a profile without a snapshot or with an expression that does not compile, concepts
// that contradict each other. Nothing when it can be, or when the resource is none. Of a Bundle its entries are looked at.
validate::Issues definition_issues(const json::Value& resource);

class Knowledge {
  public:
    using Set = std::shared_ptr<const validate::Profiles>;

    explicit Knowledge(Set packages);

    Set current() const;                                     // any thread; waits for nothing but a pointer's copy
    const Set& without_posted() const { return packages_; }  // for answers that need no token: what is stored is not for strangers

    // A definition as it stands after a write; with none of the three it counts no more.
    struct Change {
        std::string reference;  // "ValueSet/7"
        base::TimeUs updated_us = 0;
        terminology::EntryPtr entry;
        validate::ProfileEntryPtr profile;
        validate::QuestionnaireEntryPtr questionnaire;
    };
    // Only what belongs to nobody counts: a definition that names a patient is that patient's record, no rule for all. `resource` is what
    // `body` says; null for a delete.
    static Change change_of(const std::string& type, const std::string& id, const store::Version& version, const consent::Facts& facts, const json::Value& resource, std::string body);
    void apply(std::vector<Change> changes);  // in the order of the writes

    // All that is stored, at the start. Errors: those of the store; Kind::corrupt when a record does not open.
    base::Status load(store::Store& store);
    std::size_t posted() const;

  private:
    void put(Change change);
    void swap_in();

    const Set packages_;
    mutable std::mutex mutex_;              // of posted_: writes alone take it
    std::map<std::string, Change> posted_;  // by reference
    mutable std::mutex pointer_;            // of current_ alone, never held while anything is made
    Set current_;
};

}  // namespace rest
