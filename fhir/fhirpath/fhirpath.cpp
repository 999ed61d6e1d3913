#include "fhir/fhirpath/fhirpath.hpp"

#include "fhir/fhirpath/evaluate.hpp"
#include "fhir/fhirpath/nodes.hpp"
#include "fhir/fhirpath/parser.hpp"

namespace fhirpath {

std::string_view Expression::text() const {
    return syntax_->text;
}

base::Result<Expression> compile(std::string_view text, const CompileLimits& limits) {
    auto root = parse(text, limits);
    if (!root) return base::pass(root);
    auto syntax = std::make_shared<Syntax>();
    syntax->text = text;
    syntax->root = std::move(*root);
    return Expression(std::move(syntax));
}

namespace {

// The scope of a whole expression: its focus is $this.
struct Start {
    Item focus;
    Scope scope;

    explicit Start(const Item& item) : focus(item) { scope.input = {&focus, 1}; }
    Start(const Start&) = delete;
};

}  // namespace

base::Result<Collection> evaluate(const Expression& expression, const Node& focus, const Environment& environment) {
    auto arena = std::make_unique<Arena>(environment.limits);
    Evaluator evaluator(focus, environment, *arena);
    Start start(evaluator.focus());
    // The items' own place must last as long as the arena.
    Items out(*arena);
    const auto& root = *expression.syntax()->root;
    if (!evaluator.eval(root, start.scope, out) || !evaluator.step(root, 0)) return tl::unexpected(std::move(evaluator.error()));
    auto* items = static_cast<Item*>(arena->allocate(out.size() * sizeof(Item) + 1));
    std::copy(out.begin(), out.end(), items);
    return Collection(std::move(arena), expression.syntax(), items, out.size());
}

base::Result<std::optional<bool>> evaluate_boolean(const Expression& expression, const Node& focus, const Environment& environment) {
    Arena arena(environment.limits);
    Evaluator evaluator(focus, environment, arena);
    Start start(evaluator.focus());
    const auto& root = *expression.syntax()->root;
    const auto value = evaluator.truth(root, start.scope);
    if (evaluator.failed() || !evaluator.step(root, 0)) return tl::unexpected(std::move(evaluator.error()));
    return value == Truth::unknown ? std::nullopt : std::optional(value == Truth::yes);
}

}  // namespace fhirpath
