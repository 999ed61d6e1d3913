#include "anchoring/kedge_verify/bundle_entry.hpp"

#include "anchoring/kedge_verify/text_scan.hpp"

#include <array>

namespace kedge_verify {
namespace {

// Member names of one object, to notice a repeated one; more than fit are for the exact reader.
class Names {
  public:
    bool add(std::string_view name) {
        for (std::size_t i = 0; i < count_; ++i) {
            if (names_[i] == name) return false;
        }
        if (count_ == names_.size()) return false;
        names_[count_++] = name;
        return true;
    }

  private:
    std::array<std::string_view, 12> names_;
    std::size_t count_ = 0;
};

// Each member of the object that comes next: `each(key)` must step over the value.
template <typename Each>
bool object(TextScan& scan, Each each) {
    if (!scan.take('{')) return false;
    if (scan.take('}')) return true;
    Names names;
    do {
        std::string_view key;
        bool plain = false;
        if (!scan.string(key, plain) || !plain || !names.add(key) || !scan.take(':') || !each(key)) return false;
    } while (scan.take(','));
    return scan.take('}');
}

bool plain_string(TextScan& scan, std::string_view& out) {
    bool plain = false;
    return scan.next() == '"' && scan.string(out, plain) && plain;
}

bool extensions(TextScan& scan, EntryParts& out) {
    if (!scan.take('[')) return false;
    if (scan.take(']')) return true;
    bool found = false;
    do {
        std::string_view url, value;
        const bool read = object(scan, [&](std::string_view key) {
            if (key == "url") return plain_string(scan, url);
            if (key == "valueBase64Binary") return plain_string(scan, value);
            return scan.skip_value();
        });
        if (!read) return false;
        if (url != kProofUrl) continue;
        if (found) return false;
        found = true;
        out.proof = value;
    } while (scan.take(','));
    return scan.take(']');
}

}  // namespace

std::optional<EntryParts> read_entry(std::string_view text) {
    TextScan scan(text);
    EntryParts out;
    const bool read = object(scan, [&](std::string_view key) {
        if (key == "resource") return scan.object_text(out.resource);
        if (key == "resourceType") return false;
        if (key == "extension") return extensions(scan, out);
        return scan.skip_value();
    });
    if (!read || !scan.at_end()) return std::nullopt;
    return out;
}

std::string_view id_of_canonical(std::string_view event) {
    constexpr std::string_view kStart = R"({"resourceType":"AuditEvent","id":")";
    if (!event.starts_with(kStart)) return {};
    event.remove_prefix(kStart.size());
    const auto end = event.find_first_of("\"\\");
    return end == std::string_view::npos || event[end] != '"' ? std::string_view() : event.substr(0, end);
}

const json::Value* extension(const json::Value& of, std::string_view url) {
    const auto* list = of.find("extension");
    const json::Value* found = nullptr;
    if (list == nullptr || !list->if_array()) return nullptr;
    for (const auto& one : *list->if_array()) {
        if (one.text("url") != url) continue;
        if (found != nullptr) return nullptr;
        found = &one;
    }
    return found;
}

}  // namespace kedge_verify
