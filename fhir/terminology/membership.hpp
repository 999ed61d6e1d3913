// Is a code in a value set? Asked include by include, without expanding anything, so that a set of all of SNOMED CT can still say yes or
// no to codes of other systems. Where nobody here can tell, the answer is `unknown` with the reason, never a guess.
#pragma once

#include "fhir/terminology/grammar.hpp"
#include "fhir/terminology/library.hpp"
#include "fhir/terminology/reading.hpp"

namespace terminology {

struct Verdict {
    Held held = Held::no;
    std::string reason;  // of `unknown`: what is not known here
};

// Which version of a system is meant where value sets leave it open (system-version, check-system-version, force-system-version), and
// systems that are left out (exclude-system).
struct SystemVersions {
    std::vector<Reference> standard, check, force, exclude;
};

// For one question; one thread at a time. The library must outlive it.
class Membership {
  public:
    explicit Membership(const Library& library, SystemVersions versions = {}) : library_(library), versions_(std::move(versions)) {}

    // Errors: Kind::unprocessable when value sets include each other in a circle, or a filter makes no sense; Kind::not_supported for a
    // filter that cannot be applied; Kind::too_large for nesting beyond 32 sets.
    base::Result<Verdict> in_set(const ValueSet& set, std::string_view system, std::string_view code);
    base::Result<Verdict> in_include(const Include& include, std::string_view system, std::string_view code);
    // The systems that its includes, and the sets they name, speak of. A set that is not known adds none.
    base::Result<std::vector<std::string>> systems(const ValueSet& set);

    // The code system an include draws on. Errors: Kind::not_found, or Kind::unprocessable when a checked version differs.
    base::Result<std::shared_ptr<const CodeSystem>> system_of(const Include& include) const;
    base::Result<std::shared_ptr<const ValueSet>> imported(const std::string& canonical) const;
    bool is_excluded(const Include& include) const;

    // Marks a set as being looked at, for as long as it lives.
    class [[nodiscard]] Visit {
      public:
        Visit(Membership& of, const ValueSet& set) : path_(of.path_) { path_.push_back(&set); }
        ~Visit() { path_.pop_back(); }
        Visit(const Visit&) = delete;
        Visit& operator=(const Visit&) = delete;

      private:
        std::vector<const ValueSet*>& path_;
    };
    base::Status may_enter(const ValueSet& set) const;  // Kind::unprocessable: a circle; Kind::too_large: too deep

  private:
    base::Result<Verdict> in_system(const Include& include, std::string_view code);
    base::Result<Verdict> in_imports(const Include& include, std::string_view system, std::string_view code);

    const Library& library_;
    SystemVersions versions_;
    std::vector<const ValueSet*> path_;
};

}  // namespace terminology
