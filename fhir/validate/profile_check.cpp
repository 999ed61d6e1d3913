#include "fhir/validate/profile_check.hpp"

#include "fhir/definitions/definitions.hpp"
#include "fhir/definitions/rules.hpp"
#include "fhir/validate/coded.hpp"
#include "fhir/validate/slicing.hpp"

#include <algorithm>

namespace validate {
namespace {

using fhirpath::Node;

class Checker {
  public:
    Checker(const Profile& profile, const Scope& scope, const Options& options, Report& report)
        : profile_(profile), profiles_(known_profiles(options)), options_(options), report_(report), depth_(0) {
        environment_.resource = scope.resource;
        environment_.root_resource = scope.root;
        environment_.member_of = [this](const Node& node, std::string_view url) { return member_of(profiles_.terms(), node, url); };
    }

    void run(const Node& node) { element(node, profile_.root); }

  private:
    std::string by() const { return " (profile " + (profile_.name.empty() ? profile_.url : profile_.name) + ")"; }

    void element(const Node& node, const Rule& rule) {
        fixed(node, rule);
        constraints(node, rule);
        binding(node, rule);
        type_profiles(node, rule);
        for (const auto& child : rule.children) children(node, child);
    }

    void fixed(const Node& node, const Rule& rule) {
        if (node.value == nullptr) return;
        if (rule.fixed && *node.value != *rule.fixed) report_.error("value", "This must be exactly " + shown(*rule.fixed) + by());
        if (rule.pattern && !fits_pattern(*node.value, *rule.pattern)) report_.error("value", "This must hold at least " + shown(*rule.pattern) + by());
    }
    static std::string shown(const json::Value& value) {
        const auto text = json::write(value);
        return std::string(base::utf8_prefix(text, 200)) + (text.size() > 200 ? " ..." : "");
    }

    void constraints(const Node& node, const Rule& rule) {
        for (const auto& one : rule.constraints) {
            if (!one.error && !options_.warnings) continue;
            const auto held = fhirpath::evaluate_boolean(one.expression, node, environment_);
            if (!held) report_.warning("incomplete", one.key + ": the rule could not be evaluated here: " + held.error().diagnostics + by());
            else if (held->has_value() && !**held) report_.add(one.error ? Severity::error : Severity::warning, "invariant", one.key + ": " + one.human + by());
        }
    }

    // What nobody here can tell is not refused: a set of SNOMED CT, or one that no package brought.
    void binding(const Node& node, const Rule& rule) {
        if (rule.value_set.empty() || node.value == nullptr || (!rule.strict && !options_.warnings)) return;
        const auto severity = rule.strict ? Severity::error : Severity::warning;
        const auto verdict = in_value_set(profiles_.terms(), *node.value, rule.value_set);
        if (verdict.held == terminology::Held::yes) return;
        if (verdict.held == terminology::Held::unknown) {
            if (rule.strict && options_.warnings) report_.warning("incomplete", "The binding to " + rule.value_set + " was not checked: " + verdict.reason + by());
            return;
        }
        const auto code = first_code(*node.value);
        if (!code.empty()) report_.add(severity, "code-invalid", "'" + std::string(base::utf8_prefix(code, 64)) + "' is not in the value set " + rule.value_set + by());
        else if (rule.strict && node.value->find("extension") == nullptr) report_.error("code-invalid", "A code from the value set " + rule.value_set + " is required here" + by());
    }
    static std::string_view first_code(const json::Value& value) {
        if (const auto* text = value.if_string()) return *text;
        const auto* codings = value.find("coding") == nullptr ? nullptr : value.find("coding")->if_array();
        return codings == nullptr || codings->empty() ? value.text("code") : codings->front().text("code");
    }

    void type_profiles(const Node& node, const Rule& rule) {
        if (node.value == nullptr || node.type == nullptr || depth_ > 8) return;
        for (const auto& type : rule.types) {
            if (type.code != node.type->code || type.profiles.empty()) continue;
            // Of several profiles one is enough; which one is meant cannot be said, so only a single one is held against the value.
            const auto* known = type.profiles.size() == 1 ? profiles_.find(type.profiles.front()) : nullptr;
            if (known == nullptr || known == &profile_) return;
            ++depth_;
            Checker inner(*known, environment_, options_, report_, depth_);
            inner.run(node);
            --depth_;
        }
    }
    Checker(const Profile& profile, const fhirpath::Environment& environment, const Options& options, Report& report, int depth)
        : profile_(profile), profiles_(known_profiles(options)), options_(options), report_(report), depth_(depth) {
        environment_.resource = environment.resource;
        environment_.root_resource = environment.root_resource;
        environment_.member_of = [this](const Node& node, std::string_view url) { return member_of(profiles_.terms(), node, url); };
    }

    void children(const Node& parent, const Rule& rule) {
        std::vector<Node> nodes;
        fhirpath::children_named(parent, rule.name, nodes);
        count(nodes.size(), rule, rule.name);
        const bool many = repeats(parent, rule.name);
        for (std::size_t i = 0; i < nodes.size(); ++i) at(rule, many, i, [&] { one(nodes[i], rule); });
        if (!rule.slices.empty()) slices(nodes, many, rule);
    }
    static bool repeats(const Node& parent, std::string_view name) {
        const auto* group = parent.type == nullptr ? nullptr : parent.type->group();
        const auto* element = group == nullptr ? nullptr : definitions::element(*group, name);
        return element != nullptr && element->many;
    }
    void one(const Node& node, const Rule& rule) {
        type(node, rule);
        element(node, rule);
    }
    template <class Do>
    void at(const Rule& rule, bool many, std::size_t index, const Do& run) {
        const Report::Step step(report_, rule.name);
        if (!many) return run();
        const Report::Step item(report_, index);
        run();
    }

    void type(const Node& node, const Rule& rule) {
        if (rule.types.empty() || node.type == nullptr) return;
        const auto code = node.type->code;
        const auto is = [&](const ProfileType& t) { return t.code == code || t.code.starts_with("http://hl7.org/fhirpath/") || code == "Resource" || node.type->group() != nullptr; };
        if (std::any_of(rule.types.begin(), rule.types.end(), [&](const ProfileType& t) { return t.code == code; })) return reference(node, rule);
        // Backbone elements and choices: only a choice narrows the types by code.
        const bool choice = std::all_of(rule.types.begin(), rule.types.end(), [](const ProfileType& t) { return t.code != "BackboneElement" && t.code != "Element"; });
        if (choice && !std::any_of(rule.types.begin(), rule.types.end(), is)) report_.error("structure", "A value of type " + std::string(code) + " is not taken here" + by());
    }
    void reference(const Node& node, const Rule& rule) {
        if (node.type->code != "Reference" || node.value == nullptr) return;
        const auto text = node.value->text("reference");
        const auto slash = text.find('/');
        if (slash == std::string_view::npos || text.find(':') != std::string_view::npos) return;
        const auto target = text.substr(0, slash);
        for (const auto& t : rule.types) {
            if (t.code == "Reference" && (t.targets.empty() || std::find(t.targets.begin(), t.targets.end(), target) != t.targets.end())) return;
        }
        report_.error("value", "A reference to a " + std::string(base::utf8_prefix(target, 32)) + " is not taken here" + by(), "reference");
    }

    void count(std::size_t count, const Rule& rule, const std::string& name) {
        if (count < rule.min) {
            report_.error("required", name + ": at least " + std::to_string(rule.min) + " must be given, there " + (count == 1 ? "is 1" : "are " + std::to_string(count)) + by(), rule.name);
        } else if (count > rule.max) {
            report_.error("structure", name + ": at most " + std::to_string(rule.max) + " may be given, there are " + std::to_string(count) + by(), rule.name);
        }
    }

    void slices(const std::vector<Node>& nodes, bool many, const Rule& rule) {
        std::vector<std::size_t> counts(rule.slices.size());
        bool sure = true;
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            bool found = false, unsure = false;
            for (std::size_t s = 0; s < rule.slices.size() && !found; ++s) {
                const auto& slice = rule.slices[s];
                const auto in = lies_in(nodes[i], slice, rule.discriminators, profiles_);
                unsure = unsure || !in;
                if (!in || !*in) continue;
                found = true;
                ++counts[s];
                at(rule, many, i, [&] { one(nodes[i], slice); });
            }
            if (found) continue;
            sure = sure && !unsure;
            if (rule.closed && !unsure) at(rule, many, i, [&] { report_.error("structure", "This is none of the slices that are taken here" + by()); });
        }
        // An element that could lie in any slice leaves the counts open.
        for (std::size_t s = 0; sure && s < rule.slices.size(); ++s) count(counts[s], rule.slices[s], rule.name + ":" + rule.slices[s].slice);
    }

    const Profile& profile_;
    const Profiles& profiles_;
    const Options& options_;
    Report& report_;
    fhirpath::Environment environment_;
    int depth_;
};

std::string other_versions(const Profiles& profiles, std::string_view canonical) {
    std::string out;
    for (const auto& version : profiles.versions(canonical.substr(0, canonical.find('|')))) out += (out.empty() ? "" : ", ") + version;
    return out;
}

void check(const json::Value& resource, std::string_view url, bool asked, const Scope& scope, const Options& options, Report& report) {
    constexpr std::string_view kBase = "http://hl7.org/fhir/StructureDefinition/";
    const auto type = resource.text("resourceType");
    // R4's own types stand under the same address as profiles do: its own and those above it say nothing new, another is a mistake.
    const auto base_type = url.starts_with(kBase) ? url.substr(kBase.size(), url.find('|') - kBase.size()) : std::string_view();
    const auto* own = fhirpath::node_type(type);
    if (!base_type.empty() && own != nullptr && fhirpath::is_kind_of(*own, base_type)) return;
    if (definitions::is_resource_type(base_type)) return report.error("invalid", "The profile " + std::string(base::utf8_prefix(url, 256)) + " is for " + std::string(base_type), asked ? "" : "meta.profile");
    const auto* profile = known_profiles(options).find(url);
    if (profile == nullptr) {
        if (const auto known = other_versions(known_profiles(options), url); !known.empty()) {
            const auto what = "The profile " + std::string(base::utf8_prefix(url, 256)) + " is not known here with this version; known: " + known;
            if (asked) report.error("not-found", what);
            else if (options.warnings) report.warning("incomplete", what + ". It was not checked", "meta.profile");
            return;
        }
        if (asked) report.error("not-found", "The profile " + std::string(base::utf8_prefix(url, 256)) + " is not known here: load its package");
        else if (options.warnings) report.warning("incomplete", "The profile " + std::string(base::utf8_prefix(url, 256)) + " is not known here and was not checked", "meta.profile");
        return;
    }
    if (profile->type != type) return report.error("invalid", "The profile " + profile->url + " is for " + profile->type, asked ? "" : "meta.profile");
    Checker(*profile, scope, options, report).run(fhirpath::resource_node(resource));
}

}  // namespace

const Profiles& known_profiles(const Options& options) {
    static const Profiles& r4 = *Profiles::r4();
    return options.profiles == nullptr ? r4 : *options.profiles;
}

void check_profiles(const json::Value& resource, const Scope& scope, bool outermost, const Options& options, Report& report) {
    std::vector<std::string> done;
    if (outermost) {
        for (const auto& url : options.profile_urls) {
            check(resource, url, true, scope, options, report);
            done.push_back(url);
        }
    }
    const auto* meta = resource.find("meta");
    const auto* member = meta == nullptr ? nullptr : meta->find("profile");
    const auto* list = member == nullptr ? nullptr : member->if_array();
    if (list == nullptr) return;
    for (const auto& one : *list) {
        const auto* url = one.if_string();
        if (url == nullptr || std::find(done.begin(), done.end(), *url) != done.end()) continue;
        check(resource, *url, false, scope, options, report);
        done.push_back(*url);
    }
}

}  // namespace validate
