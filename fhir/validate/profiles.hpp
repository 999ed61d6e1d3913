// What validation knows beyond the tables: profiles (StructureDefinitions with snapshots) and terminology. Layers over R4's own; each is filled
// once, then read by any number of threads.
#pragma once

#include "fhir/terminology/library.hpp"
#include "storage/base/json.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace validate {

struct Profile;  // profile.hpp

// One profile, as text until somebody asks.
class ProfileEntry {
  public:
    ProfileEntry(const json::Value& resource, std::string text);        // owns the text, which says what the resource says
    explicit ProfileEntry(const definitions::Canonical& row);           // borrows R4's
    ProfileEntry(const json::Value& resource, Profile profile);         // made already
    ~ProfileEntry();

    const std::string& url() const { return url_; }
    const std::string& version() const { return version_; }
    bool active() const { return active_; }  // its status; HL7's own and those without one count as active
    const Profile* profile() const;  // nullptr when it cannot be made; who takes one in asks make_profile first

  private:
    std::string url_, version_, owned_;
    bool active_ = true;
    std::string_view text_;
    mutable std::once_flag once_;
    mutable std::unique_ptr<const Profile> profile_;
};
using ProfileEntryPtr = std::shared_ptr<const ProfileEntry>;

// A Questionnaire that responses are held against, kept as text.
struct QuestionnaireEntry {
    QuestionnaireEntry(const json::Value& resource, std::string text);
    std::string url, version, text;
    bool active;
};
using QuestionnaireEntryPtr = std::shared_ptr<const QuestionnaireEntry>;

class Profiles {
  public:
    explicit Profiles(std::shared_ptr<const Profiles> below = r4());
    ~Profiles();
    Profiles(Profiles&&) noexcept;
    Profiles& operator=(Profiles&&) noexcept;
    // R4's terminology and its profiles on resources (vital signs ...): the lowest layer.
    static std::shared_ptr<const Profiles> r4();

    // A FHIR package: a gzipped tar with package/*.json. Takes its StructureDefinitions that constrain a type, its CodeSystems,
    // ValueSets, ConceptMaps and Questionnaires. Errors: Kind::not_found when it cannot be read; Kind::invalid with the file inside when something in it is broken.
    base::Status load(const std::string& path);
    // One conformance resource; other types, and StructureDefinitions that constrain nothing, are passed over. Errors: Kind::invalid.
    base::Status add(const json::Value& resource);
    void add(ProfileEntryPtr entry);
    void add(QuestionnaireEntryPtr entry);
    terminology::Library& terms() { return terms_; }
    const terminology::Library& terms() const { return terms_; }

    // By canonical URL. With |version that version, in the highest layer that has it; without, of the highest layer that has the URL the
    // newest active version, else the newest. nullptr when there is none.
    const Profile* find(std::string_view canonical) const;
    // Which versions of the URL are known, of all layers; "no version" for one that gives none.
    std::vector<std::string> versions(std::string_view url) const;
    // A Questionnaire by the same rules; null when there is none.
    json::Value questionnaire(std::string_view canonical) const;
    std::size_t size() const { return profiles_.size(); }

  private:
    struct R4 {};
    explicit Profiles(R4);

    std::shared_ptr<const Profiles> below_;
    terminology::Library terms_;
    std::map<std::string, std::vector<ProfileEntryPtr>, std::less<>> profiles_;  // by url, versions ascending
    std::map<std::string, std::vector<QuestionnaireEntryPtr>, std::less<>> questionnaires_;
};

}  // namespace validate
