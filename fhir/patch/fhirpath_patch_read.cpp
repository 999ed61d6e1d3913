// A Parameters resource read as operations.
#include "fhir/fhirpath/syntax.hpp"
#include "fhir/patch/fhirpath_patch.hpp"

#include <algorithm>
#include <charconv>
#include <map>

namespace patch {
namespace {

constexpr std::array<std::string_view, 5> kNames{"add", "insert", "delete", "replace", "move"};
constexpr std::array<std::string_view, 7> kParts{"type", "path", "name", "value", "index", "source", "destination"};

using Parts = std::map<std::string_view, const json::Value*>;

// The primitive of a part; whichever of value[x] it is, for some write valueString where R4 says code.
const json::Value* primitive_of(const json::Value* part) {
    if (part == nullptr || !part->is_object()) return nullptr;
    for (const auto& [key, value] : *part->if_object()) {
        if (key.starts_with("value") && (value.is_string() || value.is_number())) return &value;
    }
    return nullptr;
}

std::string_view text_of(const Parts& parts, std::string_view name) {
    const auto found = parts.find(name);
    const auto* value = found == parts.end() ? nullptr : primitive_of(found->second);
    return value == nullptr || !value->is_string() ? std::string_view() : std::string_view(*value->if_string());
}

bool uses_regular_expressions(const fhirpath::Term& term) {
    if (term.op == fhirpath::Op::function && (term.name.starts_with("matches") || term.name == "replaceMatches")) return true;
    return std::any_of(term.children.begin(), term.children.end(),
                       [](const auto& child) { return child != nullptr && uses_regular_expressions(*child); });
}

base::Result<fhirpath::Expression> compile(std::string_view text, const Label& label, const Limits& limits) {
    auto out = fhirpath::compile(text, {.bytes = limits.path_bytes});
    if (!out) return label.at(out.error());
    // Their time has a limit per match, not per path, and a patch is applied while other writes wait.
    if (uses_regular_expressions(*out->syntax()->root)) {
        return tl::unexpected(label.error(base::Kind::not_supported, "regular expressions are not for the path of a patch"));
    }
    return out;
}

bool plain_name(std::string_view text) {
    const auto word = [](char c) { return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
    return !text.empty() && !(text.front() >= '0' && text.front() <= '9') && std::all_of(text.begin(), text.end(), word);
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kSpace = " \t\r\n";
    const auto first = text.find_first_not_of(kSpace);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

}  // namespace

class FhirpathPatch::Reader {
  public:
    Reader(std::size_t number, const Limits& limits) : limits_(limits) { step_.label.number = number; }

    base::Result<Step> read(const json::Value& parameter) {
        if (parameter.text("name") != "operation")
            return label().malformed("each parameter of a FHIRPath Patch is named 'operation'", "value");
        if (auto done = collect(parameter.find("part")); !done) return base::pass(done);
        if (auto done = type_and_path(); !done) return base::pass(done);
        const bool list = step_.op == Op::insert || step_.op == Op::move;
        if (list) {
            if (auto done = cut_list(); !done) return base::pass(done);
        }
        if (step_.op == Op::add) {
            step_.name = text_of(parts_, "name");
            if (step_.name.empty()) return label().malformed("the part 'name' is missing", "required");
        }
        if (step_.op != Op::remove && step_.op != Op::move) {
            if (!parts_.contains("value")) return label().malformed("the part 'value' is missing", "required");
            step_.value = *parts_["value"];
        }
        if (step_.op == Op::insert) return with_indices("index", "");
        if (step_.op == Op::move) return with_indices("source", "destination");
        return std::move(step_);
    }

  private:
    Label& label() { return step_.label; }

    base::Status collect(const json::Value* list) {
        if (list == nullptr || !list->is_array()) return label().malformed("the operation has no parts", "required");
        for (const auto& part : *list->if_array()) {
            const auto name = part.text("name");
            const auto known = std::find(kParts.begin(), kParts.end(), name);
            if (known == kParts.end())
                return label().malformed("a part is none of type, path, name, value, index, source, destination", "value");
            if (!parts_.emplace(*known, &part).second)
                return label().malformed("the part '" + std::string(*known) + "' stands twice", "duplicate");
        }
        return {};
    }

    base::Status type_and_path() {
        const auto type = text_of(parts_, "type");
        if (type.empty()) return label().malformed("the part 'type' is missing", "required");
        const auto known = std::find(kNames.begin(), kNames.end(), type);
        if (known == kNames.end()) return label().malformed("the type is none of add, insert, delete, replace, move", "value");
        step_.op = static_cast<Op>(known - kNames.begin());
        label().name = type;
        const auto path = text_of(parts_, "path");
        if (path.empty()) return label().malformed("the part 'path' is missing", "required");
        if (path.size() <= limits_.path_bytes) label().path = path;
        auto compiled = compile(path, label(), limits_);
        if (!compiled) return base::pass(compiled);
        step_.path = std::move(*compiled);
        return {};
    }

    // "Patient.name[0].given" is the list "given" of "Patient.name[0]". Other paths can name a list only by all of its elements.
    base::Status cut_list() {
        const std::string_view path = step_.path->text();
        const auto dot = path.rfind('.');
        if (dot == std::string_view::npos) return {};
        auto name = trimmed(path.substr(dot + 1));
        if (name.size() > 2 && name.front() == '`' && name.back() == '`') name = name.substr(1, name.size() - 2);
        if (!plain_name(name)) return {};
        auto above = compile(path.substr(0, dot), label(), limits_);
        if (!above) return {};  // the dot was no step of the path: in a comment, or in a string
        step_.above = std::move(*above);
        step_.list_name = name;
        return {};
    }

    base::Result<std::size_t> index(std::string_view name) {
        const auto found = parts_.find(name);
        if (found == parts_.end()) return label().malformed("the part '" + std::string(name) + "' is missing", "required");
        const auto* value = primitive_of(found->second);
        const auto* number = value == nullptr ? nullptr : value->if_number();
        std::uint32_t out = 0;
        if (number != nullptr) {
            const auto end = number->text.data() + number->text.size();
            if (std::from_chars(number->text.data(), end, out).ptr == end) return out;
        }
        return label().malformed("the part '" + std::string(name) + "' is a valueInteger of 0 or more", "value");
    }

    base::Result<Step> with_indices(std::string_view first, std::string_view second) {
        const auto one = index(first);
        if (!one) return base::pass(one);
        step_.index = *one;
        if (!second.empty()) {
            const auto two = index(second);
            if (!two) return base::pass(two);
            step_.destination = *two;
        }
        return std::move(step_);
    }

    const Limits& limits_;
    Step step_;
    Parts parts_;
};

base::Result<FhirpathPatch> FhirpathPatch::parse(const json::Value& parameters, const Limits& limits) {
    if (parameters.text("resourceType") != "Parameters") {
        return base::fail(base::Kind::invalid, "a FHIRPath Patch is a Parameters resource", {"resourceType"}, "structure");
    }
    FhirpathPatch out;
    const auto* list = parameters.find("parameter");
    if (list == nullptr) return out;
    if (!list->is_array()) return base::fail(base::Kind::invalid, "parameter is an array", {"Parameters.parameter"}, "structure");
    if (auto few = check_count(list->if_array()->size(), limits); !few) return base::pass(few);
    for (const auto& parameter : *list->if_array()) {
        auto step = Reader(out.steps_.size() + 1, limits).read(parameter);
        if (!step) return base::pass(step);
        out.steps_.push_back(std::move(*step));
    }
    return out;
}

}  // namespace patch
