#include "fhir/search/path_expression.hpp"

#include "fhir/codec/references.hpp"

#include <algorithm>

namespace search {
namespace {

using Path = PathExpression::Path;
using Step = PathExpression::Step;

const json::Value kTrue(true), kFalse(false);

bool resolves_to(const json::Value& root, const json::Value& reference, std::string_view type) {
    const auto text = reference.text("reference");
    const auto parsed = codec::parse_reference(text, {});
    if (parsed.form == codec::Reference::Form::contained) {
        if (parsed.id.empty()) return root.text("resourceType") == type;
        const auto* contained = root.find("contained");
        const auto* items = contained == nullptr ? nullptr : contained->if_array();
        return items != nullptr && std::any_of(items->begin(), items->end(), [&](const json::Value& item) {
                   return item.text("id") == parsed.id && item.text("resourceType") == type;
               });
    }
    if (!parsed.type.empty()) return parsed.type == type;
    // Nothing in the text tells the type: a urn, a foreign URL or a logical reference. R4's Reference.type may.
    return reference.text("type") == type;
}

class Walk {
  public:
    Walk(const json::Value& root, const Path& path, std::vector<Node>& out) : root_(root), path_(path), out_(out) {}

    void run(const Node& node, std::size_t at) {
        if (at == path_.steps.size()) {
            out_.push_back(node);
            return;
        }
        const auto& step = path_.steps[at];
        switch (step.kind) {
            case Step::Kind::member:
                return members(node, step, at);
            case Step::Kind::resolves_to:
                if (resolves_to(root_, *node.value, step.text)) run(node, at + 1);
                return;
            case Step::Kind::equals:
                if (node.value->text(step.name) == step.text) run(node, at + 1);
                return;
            case Step::Kind::index:
                return run(node, at + 1);  // members() has picked the element
        }
    }

  private:
    void members(const Node& node, const Step& step, std::size_t at) {
        const auto* next = at + 1 < path_.steps.size() ? &path_.steps[at + 1] : nullptr;
        const bool one = next != nullptr && next->kind == Step::Kind::index;
        for (const auto& place : step.places) {
            const auto* value = node.value->find(place.name);
            if (value == nullptr || value->is_null()) continue;
            const auto* items = value->if_array();
            if (items == nullptr) {
                if (!one || next->index == 0) run({value, place.type}, at + 1);
                continue;
            }
            for (std::size_t i = 0; i < items->size(); ++i) {
                if ((*items)[i].is_null() || (one && i != next->index)) continue;
                run({&(*items)[i], place.type}, at + 1);
            }
        }
    }

    const json::Value& root_;
    const Path& path_;
    std::vector<Node>& out_;
};

bool holds(const json::Value& resource, const Path& path) {
    std::vector<Node> found;
    Walk(resource, path, found).run({&resource, {}}, 0);
    const bool here = path.test == Path::Test::exists ? !found.empty() : std::any_of(found.begin(), found.end(), [](const Node& node) {
        return node.value->if_bool() == nullptr || *node.value->if_bool();
    });
    return here && std::all_of(path.also.begin(), path.also.end(), [&](const Path& other) { return holds(resource, other); });
}

}  // namespace

void PathExpression::evaluate(const json::Value& resource, std::vector<Node>& out) const {
    for (const auto& path : paths_) {
        if (path.test == Path::Test::none)
            Walk(resource, path, out).run({&resource, type_}, 0);
        else
            out.push_back({holds(resource, path) ? &kTrue : &kFalse, "boolean"});
    }
}

std::vector<std::string_view> PathExpression::result_types() const {
    std::vector<std::string_view> out;
    const auto add = [&](std::string_view type) {
        if (std::find(out.begin(), out.end(), type) == out.end()) out.push_back(type);
    };
    for (const auto& path : paths_) {
        const auto last = std::find_if(path.steps.rbegin(), path.steps.rend(), [](const Step& s) { return s.kind == Step::Kind::member; });
        if (path.test != Path::Test::none)
            add("boolean");
        else if (last == path.steps.rend())
            add(type_);
        else
            for (const auto& place : last->places) add(place.type);
    }
    return out;
}

bool PathExpression::passes_through(std::string_view type) const {
    return std::any_of(paths_.begin(), paths_.end(), [&](const Path& path) {
        return std::any_of(path.steps.begin(), path.steps.end(), [&](const Step& step) {
            return std::any_of(step.places.begin(), step.places.end(), [&](const Place& place) { return place.type == type; });
        });
    });
}

}  // namespace search
