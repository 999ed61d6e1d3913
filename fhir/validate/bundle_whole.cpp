#include "fhir/validate/bundle_whole.hpp"

#include "fhir/codec/references.hpp"
#include "fhir/definitions/definitions.hpp"
#include "fhir/validate/primitives.hpp"

#include <algorithm>
#include <set>

namespace validate {
namespace {

// Types whose resources are known by a canonical URL: a document may refer to them where they are published.
bool is_published(std::string_view type) {
    const auto* group = definitions::group(type);
    return group != nullptr && definitions::element(*group, "url") != nullptr && definitions::element(*group, "status") != nullptr;
}

template <class Visit>
void visit_texts(const json::Value& value, const Visit& visit) {
    if (const auto* text = value.if_string()) return visit(*text);
    if (const auto* items = value.if_array()) {
        for (const auto& item : *items) visit_texts(item, visit);
    } else if (const auto* object = value.if_object()) {
        for (const auto& [name, child] : *object) visit_texts(child, visit);
    }
}

class Whole {
  public:
    Whole(const json::Value& bundle, const json::Array& list, const Options& options, Report& report)
        : list_(list), type_(bundle.text("type")), document_(type_ == "document"), options_(options), report_(report) {
        for (std::size_t i = 0; i < list_.size(); ++i) index(i);
    }

    void run() {
        const auto* first = list_.front().find("resource");
        if (first == nullptr) return at(0, [&] { report_.error("required", "The first entry of a " + type_ + " holds its " + (document_ ? "Composition" : "MessageHeader"), "resource"); });
        if (first->text("resourceType") != (document_ ? "Composition" : "MessageHeader")) return;  // bdl-11, bdl-12 tell
        at(0, [&] {
            const Report::Step step(report_, "resource");
            if (document_) composition(*first);
            else down(*first, "focus", [&](const json::Value& reference) { named(reference); });
        });
        for (std::size_t i = 0; i < list_.size(); ++i) ambiguous(i);
        reachable();
    }

  private:
    enum class Found : std::uint8_t { here, missing, misnamed, elsewhere };

    void index(std::size_t i) {
        const std::string url(list_[i].text("fullUrl"));
        const auto* resource = list_[i].find("resource");
        const auto* meta = resource == nullptr ? nullptr : resource->find("meta");
        const auto version = meta == nullptr ? std::string_view{} : meta->text("versionId");
        if (!url.empty()) places_.emplace(url, i);
        if (!url.empty() && !version.empty()) places_.emplace(url + "/_history/" + std::string(version), i);
        if (resource != nullptr && !resource->text("id").empty()) names_.emplace(std::string(resource->text("resourceType")) + "/" + std::string(resource->text("id")), i);
    }
    template <class Do>
    void at(std::size_t i, const Do& run) {
        const Report::Step step(report_, "entry");
        const Report::Step item(report_, i);
        run();
    }
    template <class Visit>
    void down(const json::Value& value, std::string_view name, const Visit& visit) {
        const auto* member = value.find(name);
        if (member == nullptr) return;
        const Report::Step step(report_, name);
        const auto* items = member->if_array();
        if (items == nullptr) return visit(*member);
        for (std::size_t i = 0; i < items->size(); ++i) {
            const Report::Step item(report_, i);
            visit((*items)[i]);
        }
    }

    // R4 bundle.html#references: a relative reference is read against the fullUrl of the entry it stands in. `to`: the entry, when here.
    Found find(std::string_view text, std::size_t from, std::size_t& to) const {
        text = text.substr(0, text.find('#'));
        const bool absolute = has_scheme(text);
        const auto base = absolute ? std::string_view{} : base_of(list_[from].text("fullUrl"));
        const auto place = absolute || !base.empty() ? places_.find(std::string(base) + std::string(text)) : places_.end();
        if (place != places_.end()) {
            to = place->second;
            return Found::here;
        }
        const auto reference = codec::parse_reference(text, {});
        if (absolute) return !reference.type.empty() && is_published(reference.type) ? Found::elsewhere : Found::missing;
        if (reference.form != codec::Reference::Form::local) return Found::elsewhere;
        const auto name = names_.find(reference.relative());
        if (name == names_.end()) return Found::missing;
        to = name->second;
        return Found::misnamed;
    }

    // A reference that R4 wants to find in the Bundle.
    void named(const json::Value& reference) {
        const auto text = reference.text("reference");
        if (text.empty() || text.starts_with('#')) return;
        std::size_t to = 0;
        const auto found = find(text, 0, to);
        if (found == Found::missing) report_.error("not-found", "The " + type_ + " refers to " + std::string(base::utf8_prefix(text, 100)) + ", which is not in the Bundle", "reference");
        if (found == Found::misnamed) misnamed(text, 0, to, "reference");
    }
    void misnamed(std::string_view text, std::size_t from, std::size_t to, std::string_view member) {
        if (!told_.emplace(from, text).second) return;
        report_.error("not-found", std::string(base::utf8_prefix(text, 100)) + " is in the Bundle as entry[" + std::to_string(to) + "], but a relative reference is read against the fullUrl of its own entry, and so leads elsewhere", member);
    }
    void composition(const json::Value& resource) {
        const auto name = [&](const json::Value& reference) { named(reference); };
        for (const auto* member : {"subject", "encounter", "author", "custodian"}) down(resource, member, name);
        down(resource, "attester", [&](const json::Value& attester) { down(attester, "party", name); });
        down(resource, "event", [&](const json::Value& event) { down(event, "detail", name); });
        sections(resource);
    }
    void sections(const json::Value& parent) {
        const auto name = [&](const json::Value& reference) { named(reference); };
        down(parent, "section", [&](const json::Value& section) {
            for (const auto* member : {"author", "focus", "entry"}) down(section, member, name);
            sections(section);
        });
    }

    void ambiguous(std::size_t i) {
        const auto* resource = list_[i].find("resource");
        if (resource == nullptr) return;
        codec::visit_references(*resource, [&](const std::string& text) {
            std::size_t to = 0;
            if (!text.starts_with('#') && find(text, i, to) == Found::misnamed) at(i, [&] { misnamed(text, i, to, "resource"); });
        });
    }

    // Every entry hangs together with the first one, by references in either direction. Any text that names an entry counts as one.
    void reachable() {
        std::vector<std::vector<std::size_t>> links(list_.size());
        for (std::size_t i = 0; i < list_.size(); ++i) {
            const auto* resource = list_[i].find("resource");
            if (resource == nullptr) continue;
            visit_texts(*resource, [&](const std::string& text) {
                std::size_t to = 0;
                const auto found = text.size() > 512 ? Found::elsewhere : find(text, i, to);
                if (found != Found::here && found != Found::misnamed) return;
                links[i].push_back(to);
                links[to].push_back(i);
            });
        }
        std::vector<bool> seen(list_.size());
        std::vector<std::size_t> open{0};
        while (!open.empty()) {
            const auto i = open.back();
            open.pop_back();
            if (seen[i]) continue;
            seen[i] = true;
            open.insert(open.end(), links[i].begin(), links[i].end());
        }
        for (std::size_t i = 0; i < list_.size(); ++i) {
            if (seen[i] || list_[i].find("resource") == nullptr || (!document_ && !options_.warnings)) continue;
            at(i, [&] { report_.add(document_ ? Severity::error : Severity::warning, "invalid", "No reference leads from the " + std::string(document_ ? "Composition" : "MessageHeader") + " to this entry, nor back: it is no part of the " + type_); });
        }
    }

    const json::Array& list_;
    const std::string type_;
    const bool document_;
    const Options& options_;
    Report& report_;
    std::unordered_map<std::string, std::size_t> places_, names_;  // by fullUrl; by Type/id
    std::set<std::pair<std::size_t, std::string>> told_;
};

}  // namespace

std::string_view base_of(std::string_view full_url) {
    const auto reference = codec::parse_reference(full_url, {});
    if (reference.form != codec::Reference::Form::external || reference.type.empty()) return {};
    return full_url.substr(0, static_cast<std::size_t>(reference.type.data() - full_url.data()));
}

void check_whole(const json::Value& bundle, const Options& options, Report& report) {
    const auto* member = bundle.find("entry");
    const auto* list = member == nullptr ? nullptr : member->if_array();
    if (list == nullptr || list->empty()) return report.error("required", "A " + std::string(bundle.text("type")) + " has at least one entry", "entry");
    Whole(bundle, *list, options, report).run();
}

}  // namespace validate
