// Where code systems, value sets and concept maps are looked up: layers over R4's own. A layer is filled, then only read, by any number
// of threads; each resource is parsed when it is first asked for, once.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/definitions/canonicals.hpp"
#include "fhir/terminology/code_system.hpp"
#include "fhir/terminology/concept_map.hpp"
#include "fhir/terminology/value_set.hpp"

namespace terminology {

using Type = definitions::CanonicalType;

// One resource, as text until somebody asks.
class Entry {
  public:
    // Owns the text of a resource. `source`: see source().
    static std::shared_ptr<const Entry> make(Type type, const json::Value& resource, std::string text, std::string source = {});
    Entry(Type type, const definitions::Canonical& row);  // borrows R4's

    Type type() const { return type_; }
    const std::string& url() const { return url_; }
    const std::string& version() const { return version_; }
    // Of a resource that a client stored: "ValueSet/7/_history/2". Empty for R4's and those of packages.
    const std::string& source() const { return source_; }
    std::string_view text() const { return text_; }
    const std::string& all_codes() const { return all_codes_; }  // CodeSystem.valueSet: the url of the set of all its codes

    // Of the type that it is. Errors: those of the parse functions; json::parse's when the text is broken.
    base::Result<std::shared_ptr<const CodeSystem>> code_system() const;
    base::Result<std::shared_ptr<const ValueSet>> value_set() const;
    base::Result<std::shared_ptr<const ConceptMap>> concept_map() const;

  private:
    template <class T>
    base::Result<std::shared_ptr<const T>> parsed() const;

    Entry(Type type, std::string url, std::string version, std::string text, std::string source, std::string all_codes);

    Type type_;
    std::string url_, version_, source_, all_codes_, owned_;
    std::string_view text_;
    mutable std::once_flag once_;
    mutable std::shared_ptr<const void> value_;
    mutable base::Error error_;
};
using EntryPtr = std::shared_ptr<const Entry>;

class Library {
  public:
    explicit Library(std::shared_ptr<const Library> below = r4());
    // R4's own, the lowest layer. Made at the first call, in about a millisecond.
    static std::shared_ptr<const Library> r4();

    // A CodeSystem, ValueSet or ConceptMap; other types are passed over. Errors: Kind::invalid for one that does not parse.
    base::Status add(const json::Value& resource);
    void add(EntryPtr entry);

    // The highest layer that has the url decides; in it the version asked for, else the latest. Errors: Kind::not_found naming the url,
    // or the versions that are known; those of the parse.
    base::Result<EntryPtr> find(Type type, std::string_view url, std::string_view version = {}) const;
    base::Result<std::shared_ptr<const CodeSystem>> code_system(std::string_view url, std::string_view version = {}) const;
    // Also the set of all codes of a system, where it stands only in CodeSystem.valueSet.
    base::Result<std::shared_ptr<const ValueSet>> value_set(std::string_view url, std::string_view version = {}) const;
    // Is a resource of this url here at all?
    bool knows(Type type, std::string_view url) const;
    // One entry for each url, sorted by it.
    std::vector<EntryPtr> all(Type type) const;
    std::size_t size() const;  // of this layer alone

  private:
    struct R4 {};
    explicit Library(R4);
    using Versions = std::vector<EntryPtr>;  // ascending
    const Versions* own(Type type, std::string_view url) const;
    const std::string* system_of_all(std::string_view value_set_url) const;
    void collect(Type type, std::map<std::string, EntryPtr, std::less<>>& out) const;

    std::shared_ptr<const Library> below_;
    std::map<std::string, std::string, std::less<>> all_codes_;  // of this layer's systems: url of the set -> url of the system
    std::map<std::string, Versions, std::less<>> entries_[3];    // by type: code systems, value sets, concept maps
};

// Is version `a` before `b`? Numbers between dots and dashes by value, words by letter.
bool version_before(std::string_view a, std::string_view b);
// Nothing for a resource type that this library does not hold.
std::optional<Type> type_of(std::string_view resource_type);
std::string_view name_of(Type type);  // "code system", for sentences

}  // namespace terminology
