#include "fhir/terminology/library.hpp"

#include <algorithm>
#include <charconv>

#include "fhir/terminology/reading.hpp"

namespace terminology {
namespace {

using base::Kind;

constexpr Type kTypes[] = {Type::code_system, Type::value_set, Type::concept_map};

std::size_t index_of(Type type) {
    CHECK(type != Type::profile);
    return static_cast<std::size_t>(type);
}

std::string_view take_part(std::string_view& rest) {
    const auto end = std::min(rest.find_first_of(".-"), rest.size());
    const auto out = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return out;
}
std::optional<std::uint64_t> number_of(std::string_view text) {
    std::uint64_t out = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return out;
}

}  // namespace

bool version_before(std::string_view a, std::string_view b) {
    while (!a.empty() && !b.empty()) {
        const auto left = take_part(a), right = take_part(b);
        if (left == right) continue;
        const auto low = number_of(left), high = number_of(right);
        if (low && high && *low != *high) return *low < *high;
        if (!low || !high) return left < right;
    }
    return a.empty() && !b.empty();
}

std::optional<Type> type_of(std::string_view resource_type) {
    if (resource_type == "CodeSystem") return Type::code_system;
    if (resource_type == "ValueSet") return Type::value_set;
    if (resource_type == "ConceptMap") return Type::concept_map;
    return std::nullopt;
}

std::string_view name_of(Type type) {
    switch (type) {
        case Type::code_system: return "code system";
        case Type::value_set: return "value set";
        case Type::concept_map: return "concept map";
        case Type::profile: return "profile";
    }
    return {};
}

Entry::Entry(Type type, std::string url, std::string version, std::string text, std::string source, std::string all_codes)
    : type_(type), url_(std::move(url)), version_(std::move(version)), source_(std::move(source)), all_codes_(std::move(all_codes)), owned_(std::move(text)), text_(owned_) {}

Entry::Entry(Type type, const definitions::Canonical& row) : type_(type), url_(row.url), version_(row.version), all_codes_(Reference(row.all_codes).url), text_(row.json) {}

EntryPtr Entry::make(Type type, const json::Value& resource, std::string text, std::string source) {
    auto all_codes = type == Type::code_system ? Reference(resource.text("valueSet")).url : std::string();
    return EntryPtr(new Entry(type, std::string(resource.text("url")), std::string(resource.text("version")), std::move(text), std::move(source), std::move(all_codes)));
}

template <class T>
base::Result<std::shared_ptr<const T>> Entry::parsed() const {
    std::call_once(once_, [this] {
        // A stored resource was within the server's limits, a package within its own.
        const auto tree = json::parse(text_, {.bytes = SIZE_MAX, .depth = 256, .values = SIZE_MAX});
        auto made = tree ? T::parse(*tree) : base::Result<T>(base::pass(tree));
        if (made) value_ = std::make_shared<const T>(std::move(*made));
        else error_ = made.error();
    });
    if (!value_) return tl::unexpected(error_);
    return std::static_pointer_cast<const T>(value_);
}

base::Result<std::shared_ptr<const CodeSystem>> Entry::code_system() const {
    return parsed<CodeSystem>();
}
base::Result<std::shared_ptr<const ValueSet>> Entry::value_set() const {
    return parsed<ValueSet>();
}
base::Result<std::shared_ptr<const ConceptMap>> Entry::concept_map() const {
    return parsed<ConceptMap>();
}

Library::Library(std::shared_ptr<const Library> below) : below_(std::move(below)) {}

Library::Library(R4) {
    for (const auto type : kTypes) {
        for (const auto& row : definitions::canonicals(type)) add(std::make_shared<const Entry>(type, row));
    }
}

std::shared_ptr<const Library> Library::r4() {
    static const std::shared_ptr<const Library> kLibrary(new Library(R4{}));
    return kLibrary;
}

void Library::add(EntryPtr entry) {
    if (!entry->all_codes().empty()) all_codes_[entry->all_codes()] = entry->url();
    auto& versions = entries_[index_of(entry->type())][entry->url()];
    std::erase_if(versions, [&](const EntryPtr& other) { return other->version() == entry->version(); });
    const auto place = std::upper_bound(versions.begin(), versions.end(), entry, [](const EntryPtr& a, const EntryPtr& b) { return version_before(a->version(), b->version()); });
    versions.insert(place, std::move(entry));
}

base::Status Library::add(const json::Value& resource) {
    const auto type = type_of(resource.text("resourceType"));
    if (!type) return {};
    if (resource.text("url").empty()) return {};  // nobody can refer to it
    auto plain = resource;
    if (auto* members = plain.if_object()) members->erase("text");
    auto entry = Entry::make(*type, resource, json::write(plain));
    // Only the grammar is looked at here: what is kept is the text, and few of a package's resources are ever used.
    base::Status fine;
    if (*type == Type::code_system) {
        if (auto made = CodeSystem::parse(resource); !made) fine = base::pass(made);
    } else if (*type == Type::concept_map) {
        if (auto made = ConceptMap::parse(resource); !made) fine = base::pass(made);
    } else if (auto made = ValueSet::parse(resource); !made && made.error().kind != Kind::unprocessable) {
        fine = base::pass(made);
    }
    if (!fine) return fine;
    add(std::move(entry));
    return {};
}

const Library::Versions* Library::own(Type type, std::string_view url) const {
    const auto& entries = entries_[index_of(type)];
    const auto found = entries.find(url);
    return found == entries.end() ? nullptr : &found->second;
}

base::Result<EntryPtr> Library::find(Type type, std::string_view url, std::string_view version) const {
    std::string known;
    for (const auto* layer = this; layer != nullptr; layer = layer->below_.get()) {
        const auto* versions = layer->own(type, url);
        if (versions == nullptr || versions->empty()) continue;
        if (version.empty()) return versions->back();
        for (const auto& entry : *versions) {
            if (entry->version() == version) return entry;
            known += (known.empty() ? "" : ", ") + (entry->version().empty() ? std::string("one without version") : entry->version());
        }
    }
    const auto what = "the " + std::string(name_of(type)) + " " + shown(url);
    if (known.empty()) return base::fail(Kind::not_found, what + " is not known here", {}, "not-found");
    return base::fail(Kind::not_found, what + " is not known here with the version " + shown(version) + "; known: " + known, {}, "not-found");
}

base::Result<std::shared_ptr<const CodeSystem>> Library::code_system(std::string_view url, std::string_view version) const {
    const auto entry = find(Type::code_system, url, version);
    if (!entry) return base::pass(entry);
    return (*entry)->code_system();
}

base::Result<std::shared_ptr<const ValueSet>> Library::value_set(std::string_view url, std::string_view version) const {
    const auto entry = find(Type::value_set, url, version);
    if (entry) return (*entry)->value_set();
    const auto* system = version.empty() && !knows(Type::value_set, url) ? system_of_all(url) : nullptr;
    if (system == nullptr) return base::pass(entry);
    auto all = std::make_shared<ValueSet>();
    all->url = url;
    all->include.emplace_back().system = *system;
    json::Object head;
    head.set("resourceType", "ValueSet");
    head.set("url", url);
    head.set("status", "active");
    all->head = std::move(head);
    return all;
}

const std::string* Library::system_of_all(std::string_view url) const {
    const auto found = all_codes_.find(url);
    if (found != all_codes_.end()) return &found->second;
    return below_ == nullptr ? nullptr : below_->system_of_all(url);
}

bool Library::knows(Type type, std::string_view url) const {
    return own(type, url) != nullptr || (below_ && below_->knows(type, url));
}

void Library::collect(Type type, std::map<std::string, EntryPtr, std::less<>>& out) const {
    if (below_) below_->collect(type, out);
    for (const auto& [url, versions] : entries_[index_of(type)]) out[url] = versions.back();
}

std::vector<EntryPtr> Library::all(Type type) const {
    std::map<std::string, EntryPtr, std::less<>> found;
    collect(type, found);
    std::vector<EntryPtr> out;
    for (auto& [url, entry] : found) out.push_back(std::move(entry));
    return out;
}

std::size_t Library::size() const {
    return entries_[0].size() + entries_[1].size() + entries_[2].size();
}

}  // namespace terminology
