// A CodeSystem (R4 codesystem.html) taken apart: its concepts by code, and who stands above whom.
#pragma once

#include "storage/base/json.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace terminology {

struct Designation {
    std::string language, value;
    json::Value use;  // a Coding, or null
};
struct Property {
    std::string code;
    std::string member;  // "valueCode", "valueBoolean" ...
    json::Value value;

    std::string text() const;  // the value as a filter compares it; of a Coding its code
};
struct Concept {
    std::string code, display, definition;
    std::vector<Designation> designations;
    std::vector<Property> properties;
    std::vector<std::uint32_t> parents, children;  // indexes into CodeSystem::concepts()
    bool abstract = false;                         // notSelectable: for grouping, not for use in records
    bool inactive = false;

    // The display in this language ("de", "de-CH"), else the concept's own. An empty language asks for the concept's own.
    std::string_view display_in(std::string_view language) const;
    // Is the text a display or a designation of it? Letter case and repeated blanks do not count.
    bool is_called(std::string_view text) const;
};

// Immutable once parsed; any number of threads may read it.
class CodeSystem {
  public:
    // Errors: Kind::invalid when url or content is missing, or a code stands twice.
    static base::Result<CodeSystem> parse(const json::Value& resource);

    std::string url, version, name, title, content, hierarchy_meaning, value_set;
    bool case_sensitive = true;

    // Does it hold every code of the system? Not of a fragment, an example, or a system that is only named.
    bool complete() const { return content == "complete"; }
    const std::vector<Concept>& concepts() const { return concepts_; }
    const Concept* find(std::string_view code) const;  // nullptr when it has no such code
    // Is `above` the concept itself, or does a way lead up to it? Cycles in the data end.
    bool is_below(const Concept& concept_of, const Concept& above) const;
    // Does the system say that this property exists? Those that R4 defines for all systems count as declared.
    bool declares(std::string_view property) const;

  private:
    base::Status read(const json::Array& concepts, std::int64_t parent, int depth);
    void link_by_property();
    std::string key(std::string_view code) const;
    void link(std::uint32_t parent, std::uint32_t child);

    std::vector<Concept> concepts_;
    std::unordered_map<std::string, std::uint32_t> places_;
    std::vector<std::string> declared_;
    std::vector<std::string> parent_properties_, child_properties_;  // codes of properties that state the hierarchy
};

// Equal but for ASCII letter case and for how many blanks stand between the words.
bool same_words(std::string_view a, std::string_view b);

}  // namespace terminology
