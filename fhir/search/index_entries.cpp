#include "fhir/search/index_entries.hpp"

#include "fhir/codec/references.hpp"
#include "fhir/search/date_range.hpp"

#include <algorithm>
#include <array>

namespace search {
namespace {

using store::IndexEntry;

class Rows {
  public:
    Rows(std::string_view param, bool direct_identifier, std::vector<IndexEntry>& out)
        : param_(param), direct_(direct_identifier), out_(out) {}

    void add(IndexEntry::Kind kind, std::string_view system, std::string_view value, base::Period period = {0, 0}) {
        const bool present = std::any_of(out_.begin(), out_.end(), [&](const IndexEntry& row) {
            return row.kind == kind && row.param == param_ && row.value == value && row.system == system && row.low == period.low &&
                   row.high == period.high;
        });
        if (present) return;
        IndexEntry row;
        row.kind = kind;
        row.param = param_;
        row.system = system;
        row.value = value;
        row.direct_identifier = direct_;
        row.low = period.low;
        row.high = period.high;
        out_.push_back(std::move(row));
    }

  private:
    std::string_view param_;
    bool direct_;
    std::vector<IndexEntry>& out_;
};

std::string_view text_of(const Node& node) {
    const auto* text = node.value->if_string();
    return text == nullptr ? std::string_view{} : std::string_view(*text);
}

void coding(const json::Value& value, Rows& rows) {
    const auto code = value.text("code");
    if (!code.empty()) rows.add(IndexEntry::Kind::token, value.text("system"), code);
}

void token(const Node& node, Rows& rows) {
    constexpr auto kToken = IndexEntry::Kind::token;
    if (node.type == "CodeableConcept") {
        const auto* codings = node.value->find("coding");
        if (codings == nullptr || !codings->is_array()) return;
        for (const auto& each : *codings->if_array()) coding(each, rows);
    } else if (node.type == "Coding") {
        coding(*node.value, rows);
    } else if (node.type == "Identifier") {
        if (const auto value = node.value->text("value"); !value.empty()) rows.add(kToken, node.value->text("system"), value);
    } else if (node.type == "ContactPoint") {
        // R4 gives a contact point no system for search; its own "system" (phone, email) is a kind.
        if (const auto value = node.value->text("value"); !value.empty()) rows.add(kToken, {}, value);
    } else if (const auto* flag = node.value->if_bool()) {
        rows.add(kToken, {}, *flag ? "true" : "false");
    } else if (const auto text = text_of(node); !text.empty()) {
        rows.add(kToken, {}, text);
    }
}

void reference(const Node& node, std::string_view base_url, Rows& rows) {
    constexpr auto kReference = IndexEntry::Kind::reference;
    using Form = codec::Reference::Form;
    // A canonical or uri stands for itself.
    if (const auto uri = text_of(node); !uri.empty()) return rows.add(kReference, {}, uri);
    const auto text = node.value->text("reference");
    const auto parsed = codec::parse_reference(text, base_url);
    if (parsed.form == Form::local)
        rows.add(kReference, parsed.type, parsed.id);
    else if (parsed.form == Form::external || parsed.form == Form::urn)
        rows.add(kReference, {}, text);
}

void string(const Node& node, Rows& rows) {
    constexpr auto kString = IndexEntry::Kind::string;
    if (const auto text = text_of(node); !text.empty()) return rows.add(kString, {}, text);
    if (node.type != "HumanName" && node.type != "Address") return;
    constexpr std::array<std::string_view, 11> kParts{"text", "family",   "given", "prefix",     "suffix", "line",
                                                      "city", "district", "state", "postalCode", "country"};
    for (const auto part : kParts) {
        const auto* value = node.value->find(part);
        if (value == nullptr) continue;
        if (const auto* single = value->if_string()) rows.add(kString, {}, *single);
        if (!value->is_array()) continue;
        for (const auto& item : *value->if_array()) {
            if (const auto* text = item.if_string()) rows.add(kString, {}, *text);
        }
    }
}

}  // namespace

void append_entries(const definitions::SearchParameter& parameter, const Node& node, bool direct_identifier, std::string_view base_url,
                    std::vector<IndexEntry>& out) {
    using definitions::ParameterType;
    Rows rows(parameter.code, direct_identifier, out);
    switch (parameter.type) {
        case ParameterType::token:
            return token(node, rows);
        case ParameterType::reference:
            return reference(node, base_url, rows);
        case ParameterType::string:
            return string(node, rows);
        case ParameterType::date:
            if (const auto range = date_range(node)) rows.add(IndexEntry::Kind::date, {}, {}, *range);
            return;
        case ParameterType::uri:
            if (const auto text = text_of(node); !text.empty()) rows.add(IndexEntry::Kind::uri, {}, text);
            return;
        case ParameterType::number:
        case ParameterType::quantity:
        case ParameterType::composite:
        case ParameterType::special:
            return;
    }
}

void append_codes(const json::Value& value, std::vector<std::string>& out) {
    const auto add = [&](const json::Value& coding) {
        const auto code = coding.text("code");
        if (code.empty()) return;
        auto text = std::string(coding.text("system")).append("|").append(code);
        if (std::find(out.begin(), out.end(), text) == out.end()) out.push_back(std::move(text));
    };
    const auto* codings = value.find("coding");
    if (codings == nullptr) return add(value);
    if (!codings->is_array()) return;
    for (const auto& coding : *codings->if_array()) add(coding);
}

}  // namespace search
