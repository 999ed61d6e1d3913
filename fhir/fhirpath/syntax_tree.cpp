// The tree for people and tools, in the form of the FHIRPath Lab (fhirpath-lab server-api.md, "AST definition").
#include "fhir/fhirpath/nodes.hpp"
#include "fhir/fhirpath/syntax.hpp"

namespace fhirpath {
namespace {

std::string_view symbol(Op op) {
    switch (op) {
        case Op::is:
            return "is";
        case Op::as:
            return "as";
        case Op::plus:
            return "+";
        case Op::minus:
            return "-";
        case Op::multiply:
            return "*";
        case Op::divide:
            return "/";
        case Op::whole_divide:
            return "div";
        case Op::modulo:
            return "mod";
        case Op::add:
            return "+";
        case Op::subtract:
            return "-";
        case Op::concat:
            return "&";
        case Op::unite:
            return "|";
        case Op::less:
            return "<";
        case Op::less_equal:
            return "<=";
        case Op::greater:
            return ">";
        case Op::greater_equal:
            return ">=";
        case Op::equal:
            return "=";
        case Op::equivalent:
            return "~";
        case Op::not_equal:
            return "!=";
        case Op::not_equivalent:
            return "!~";
        case Op::in:
            return "in";
        case Op::contains:
            return "contains";
        case Op::logical_and:
            return "and";
        case Op::logical_or:
            return "or";
        case Op::logical_xor:
            return "xor";
        case Op::implies:
            return "implies";
        default:
            return "";
    }
}

json::Object node(std::string_view type, std::string_view name, const Term& term) {
    json::Object out;
    out.set("ExpressionType", type);
    out.set("Name", name);
    out.set("Line", json::Value::number(term.line));
    out.set("Column", json::Value::number(term.column));
    return out;
}

json::Value type_name(const Term& term) {
    const auto name = term.type.name_space.empty() ? term.type.name : term.type.name_space + "." + term.type.name;
    return node("ConstantExpression", name, term);
}

json::Value literal(const Term& term) {
    const auto value = to_json(term.literal);
    const auto* text = value.if_string();
    auto out = node("ConstantExpression", text != nullptr ? *text : json::write(value), term);
    out.set("ReturnType", type_of(term.literal).name);
    return out;
}

json::Value tree_of(const Term& term);

// What a path is applied to; at its beginning the focus, which the Lab calls builtin.that.
json::Value base_of(const Term& term) {
    return term.base() != nullptr ? tree_of(*term.base()) : json::Value(node("AxisExpression", "builtin.that", term));
}

json::Value path_of(const Term& term) {
    const std::string_view kind = term.op == Op::member     ? "ChildExpression"
                                  : term.op == Op::function ? "FunctionCallExpression"
                                                            : "IndexerExpression";
    auto out = node(kind, term.op == Op::indexer ? std::string_view("[]") : std::string_view(term.name), term);
    json::Array arguments{base_of(term)};
    const bool names_type = term.op == Op::function && !term.type.name.empty();
    if (names_type) arguments.push_back(type_name(term));
    for (std::size_t i = names_type ? 2 : 1; i < term.children.size(); ++i) arguments.push_back(tree_of(*term.children[i]));
    out.set("Arguments", std::move(arguments));
    return out;
}

// As deep as CompileLimits::depth allows.
json::Value tree_of(const Term& term) {
    switch (term.op) {
        case Op::literal:
            return literal(term);
        case Op::empty:
            return node("NewNodeListInitExpression", "{}", term);
        case Op::this_item:
            return node("AxisExpression", "builtin.this", term);
        case Op::index:
            return node("AxisExpression", "builtin.index", term);
        case Op::total:
            return node("AxisExpression", "builtin.total", term);
        case Op::variable:
            return node("VariableRefExpression", term.name, term);
        case Op::member:
        case Op::function:
        case Op::indexer:
            return path_of(term);
        default:
            break;
    }
    const bool unary = term.op == Op::plus || term.op == Op::minus;
    auto out = node(unary ? "UnaryExpression" : "BinaryExpression", symbol(term.op), term);
    json::Array arguments;
    for (const auto& child : term.children) arguments.push_back(tree_of(*child));
    if (term.op == Op::is || term.op == Op::as) arguments.push_back(type_name(term));
    out.set("Arguments", std::move(arguments));
    return out;
}

}  // namespace

json::Value syntax_tree(const Expression& expression) {
    return tree_of(*expression.syntax()->root);
}

}  // namespace fhirpath
