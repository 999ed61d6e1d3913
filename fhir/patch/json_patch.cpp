#include "fhir/patch/json_patch.hpp"

namespace patch {
namespace {

using base::Status;

constexpr std::array<std::string_view, 6> kNames{"add", "remove", "replace", "move", "copy", "test"};

// A member that must be there and must be a JSON pointer.
base::Result<Pointer> pointer_member(const Label& label, const json::Value& operation, std::string_view name, const Limits& limits) {
    const auto* member = operation.find(name);
    if (member == nullptr) return label.malformed("the member '" + std::string(name) + "' is missing", "required");
    const auto* text = member->if_string();
    if (text == nullptr) return label.malformed("the member '" + std::string(name) + "' is no string");
    if (text->size() > limits.path_bytes) {
        return tl::unexpected(label.error(
            base::Kind::too_large,
            "the member '" + std::string(name) + "' is longer than the limit of " + std::to_string(limits.path_bytes) + " bytes",
            "too-long"));
    }
    auto pointer = parse_pointer(*text);
    if (!pointer) return label.malformed("'" + std::string(name) + "': " + pointer.error().diagnostics, "value");
    return pointer;
}

}  // namespace

base::Result<JsonPatch::Step> JsonPatch::parse_step(const json::Value& operation, std::size_t number, const Limits& limits) {
    Step out;
    out.label.number = number;
    if (!operation.is_object()) return out.label.malformed("an operation is an object");
    if (operation.find("op") == nullptr) return out.label.malformed("the member 'op' is missing", "required");
    const auto name = operation.text("op");
    const auto known = std::find(kNames.begin(), kNames.end(), name);
    if (known == kNames.end()) return out.label.malformed("'op' is none of add, remove, replace, move, copy, test", "value");
    out.op = static_cast<Op>(known - kNames.begin());
    out.label.name = name;
    auto path = pointer_member(out.label, operation, "path", limits);
    if (!path) return base::pass(path);
    out.path = std::move(*path);
    out.label.path = out.path.text;
    if (out.op == Op::move || out.op == Op::copy) {
        auto from = pointer_member(out.label, operation, "from", limits);
        if (!from) return base::pass(from);
        out.from = std::move(*from);
        const bool below_itself = out.from.leads_to(out.path) && out.from.tokens.size() < out.path.tokens.size();
        if (out.op == Op::move && below_itself)
            return out.label.malformed("'from' lies above 'path': nothing can move into itself", "value");
    } else if (out.op != Op::remove) {
        const auto* value = operation.find("value");
        if (value == nullptr) return out.label.malformed("the member 'value' is missing (null is a value too)", "required");
        out.value = *value;
    }
    return out;
}

base::Result<JsonPatch> JsonPatch::parse(const json::Value& patch, const Limits& limits) {
    const auto* list = patch.if_array();
    if (list == nullptr) return base::fail(base::Kind::invalid, "a JSON Patch is an array of operations", {}, "structure");
    if (auto few = check_count(list->size(), limits); !few) return base::pass(few);
    JsonPatch out;
    for (const auto& operation : *list) {
        auto step = parse_step(operation, out.steps_.size() + 1, limits);
        if (!step) return base::pass(step);
        out.steps_.push_back(std::move(*step));
    }
    return out;
}

// One application: the document while it changes.
class JsonPatch::Run {
  public:
    Run(json::Value document, const Limits& limits) : document_(std::move(document)), budget_(limits) {}

    Status step(const Step& step) {
        if (auto time = budget_.next(step.label); !time) return time;
        switch (step.op) {
            case Op::add:
                return add(step, step.value);
            case Op::remove: {
                auto taken = take(step, step.path);
                if (!taken) return base::pass(taken);
                return {};
            }
            case Op::replace:
                return replace(step);
            case Op::move: {
                if (step.from.tokens == step.path.tokens) return present(step, step.from);
                auto taken = take(step, step.from);
                if (!taken) return base::pass(taken);
                return add(step, std::move(*taken), false);
            }
            case Op::copy: {
                const auto* from = find_at(document_, step.from, step.from.tokens.size());
                if (from == nullptr) return step.label.refused("nothing stands at 'from'", "not-found");
                return add(step, *from);
            }
            case Op::test:
                return test(step);
        }
        return {};
    }

    json::Value take_document() { return std::move(document_); }

  private:
    Status present(const Step& step, const Pointer& pointer) {
        if (find_at(document_, pointer, pointer.tokens.size()) != nullptr) return {};
        return step.label.refused("nothing stands there", "not-found");
    }

    // What is moved has been paid for already, but may come to lie deeper.
    Status add(const Step& step, json::Value value, bool grows = true) {
        auto cost = measure(value);
        if (!grows) cost.bytes = cost.values = 0;
        const auto& tokens = step.path.tokens;
        if (auto paid = budget_.add(step.label, cost, tokens.size()); !paid) return paid;
        if (tokens.empty()) {
            document_ = std::move(value);
            return {};
        }
        auto* parent = find_at(document_, step.path, tokens.size() - 1);
        if (parent == nullptr)
            return step.label.refused("there is nothing that could hold it: what the path names before its last part is not there",
                                      "not-found");
        if (auto* object = parent->if_object()) {
            object->set(tokens.back(), std::move(value));
            return {};
        }
        auto* list = parent->if_array();
        if (list == nullptr) return step.label.refused("neither an object nor an array stands above it", "not-found");
        const auto index = tokens.back() == "-" ? std::optional(list->size()) : array_index(tokens.back());
        if (!index) return step.label.refused("an array is reached by an index without leading zeros, or by '-' for its end", "not-found");
        if (*index > list->size())
            return step.label.refused("the index is behind the array's end: it has " + std::to_string(list->size()) + " elements",
                                      "not-found");
        list->insert(list->begin() + static_cast<std::ptrdiff_t>(*index), std::move(value));
        return {};
    }

    base::Result<json::Value> take(const Step& step, const Pointer& pointer) {
        const auto& tokens = pointer.tokens;
        auto* at = find_at(document_, pointer, tokens.size());
        if (at == nullptr)
            return step.label.refused(&pointer == &step.from ? "nothing stands at 'from'" : "nothing stands there", "not-found");
        if (tokens.empty()) return step.label.refused("the document itself cannot be taken away");
        auto out = std::move(*at);
        auto* parent = find_at(document_, pointer, tokens.size() - 1);
        if (auto* list = parent->if_array())
            list->erase(list->begin() + static_cast<std::ptrdiff_t>(*array_index(tokens.back())));
        else
            parent->if_object()->erase(tokens.back());
        return out;
    }

    Status replace(const Step& step) {
        auto* at = find_at(document_, step.path, step.path.tokens.size());
        if (at == nullptr) return step.label.refused("nothing stands there", "not-found");
        if (auto paid = budget_.add(step.label, measure(step.value), step.path.tokens.size()); !paid) return paid;
        *at = step.value;
        return {};
    }

    Status test(const Step& step) {
        const auto* at = find_at(document_, step.path, step.path.tokens.size());
        if (at == nullptr) return step.label.refused("nothing stands there to be tested", "not-found");
        if (same_value(*at, step.value)) return {};
        return step.label.refused("the test failed: another value stands there", "business-rule");
    }

    json::Value document_;
    Budget budget_;
};

base::Result<json::Value> JsonPatch::apply(const json::Value& document, const Limits& limits) const {
    Run run(document, limits);
    for (const auto& step : steps_) {
        if (auto done = run.step(step); !done) return base::pass(done);
    }
    return run.take_document();
}

}  // namespace patch
