#include "fhir/fhirpath/parser.hpp"

#include "fhir/fhirpath/functions.hpp"
#include "fhir/fhirpath/lexer.hpp"

#include <algorithm>
#include <optional>

namespace fhirpath {
namespace {

struct Operator {
    std::string_view text;
    Op op;
    int strength;  // binds tighter when higher; all are left-associative
};
constexpr int kUnaryStrength = 13, kPathStrength = 14, kTypeStrength = 10;
constexpr Operator kOperators[] = {
    {"*", Op::multiply, 12},
    {"/", Op::divide, 12},
    {"div", Op::whole_divide, 12},
    {"mod", Op::modulo, 12},
    {"+", Op::add, 11},
    {"-", Op::subtract, 11},
    {"&", Op::concat, 11},
    {"is", Op::is, kTypeStrength},
    {"as", Op::as, kTypeStrength},
    {"|", Op::unite, 9},
    {"<=", Op::less_equal, 8},
    {">=", Op::greater_equal, 8},
    {"<", Op::less, 8},
    {">", Op::greater, 8},
    {"=", Op::equal, 7},
    {"~", Op::equivalent, 7},
    {"!=", Op::not_equal, 7},
    {"!~", Op::not_equivalent, 7},
    {"in", Op::in, 6},
    {"contains", Op::contains, 6},
    {"and", Op::logical_and, 5},
    {"or", Op::logical_or, 4},
    {"xor", Op::logical_xor, 4},
    {"implies", Op::implies, 3},
};
constexpr std::string_view kReserved[] = {"and", "or", "xor", "implies", "div", "mod"};

using Made = base::Result<std::unique_ptr<Term>>;

class Parser {
  public:
    Parser(std::string_view text, const CompileLimits& limits) : lexer_(text), limits_(limits) {}

    Made parse() {
        if (auto read = advance(); !read) return base::pass(read);
        auto out = expression(0);
        if (!out) return out;
        if (token_.kind != Token::Kind::end) return fail("an operator is expected here, not \"" + token_.text + "\"");
        return out;
    }

  private:
    tl::unexpected<base::Error> fail(std::string_view what) const {
        return base::fail(base::Kind::invalid, with_place(what, token_.line, token_.column));
    }
    base::Status advance() {
        auto next = lexer_.next();
        if (!next) return base::pass(next);
        token_ = std::move(*next);
        return {};
    }
    base::Status expect(std::string_view symbol) {
        if (token_.kind != Token::Kind::symbol || token_.text != symbol) return fail("\"" + std::string(symbol) + "\" is expected here");
        return advance();
    }
    std::unique_ptr<Term> make(Op op) const {
        auto out = std::make_unique<Term>();
        out->op = op;
        out->line = token_.line;
        out->column = token_.column;
        return out;
    }
    // Takes a child in and measures the tree.
    Made adopt(std::unique_ptr<Term> parent, std::unique_ptr<Term> child) {
        if (child) {
            parent->depth = std::max(parent->depth, child->depth + 1);
            parent->mixed = parent->mixed || child->mixed;
        }
        parent->children.push_back(std::move(child));
        if (parent->depth > limits_.depth) return too_deep();
        return parent;
    }
    tl::unexpected<base::Error> too_deep() const {
        return base::fail(base::Kind::too_large,
                          with_place("the expression is nested deeper than " + std::to_string(limits_.depth), token_.line, token_.column));
    }

    const Operator* binary_operator() const {
        if (token_.kind != Token::Kind::symbol && token_.kind != Token::Kind::identifier) return nullptr;
        const auto* found =
            std::find_if(std::begin(kOperators), std::end(kOperators), [&](const Operator& o) { return o.text == token_.text; });
        return found == std::end(kOperators) ? nullptr : found;
    }

    Made expression(int weakest) {
        if (++nesting_ > limits_.depth) return too_deep();
        auto left = operand();
        while (left) {
            if (token_.is(".") && token_.kind == Token::Kind::symbol) {
                left = invocation(std::move(*left));
                continue;
            }
            if (token_.is("[") && kPathStrength > weakest) {
                left = indexer(std::move(*left));
                continue;
            }
            const auto* found = binary_operator();
            if (found == nullptr || found->strength <= weakest) break;
            left = found->strength == kTypeStrength ? type_operator(std::move(*left), *found) : binary(std::move(*left), *found);
        }
        nesting_ -= 1;
        return left;
    }

    Made binary(std::unique_ptr<Term> left, const Operator& found) {
        auto out = make(found.op);
        if (auto read = advance(); !read) return base::pass(read);
        auto right = expression(found.strength);
        if (!right) return right;
        auto taken = adopt(std::move(out), std::move(left));
        return taken ? adopt(std::move(*taken), std::move(*right)) : std::move(taken);
    }

    Made type_operator(std::unique_ptr<Term> left, const Operator& found) {
        auto out = make(found.op);
        if (auto read = advance(); !read) return base::pass(read);
        if (!identifier()) return fail("the name of a type is expected here");
        out->type.name = token_.text;
        if (auto read = advance(); !read) return base::pass(read);
        // FHIR.Patient and System.String; any other dot goes on with the path, as `(x as Quantity).value` would.
        if (token_.is(".") && (out->type.name == "FHIR" || out->type.name == "System")) {
            if (auto read = advance(); !read) return base::pass(read);
            if (!identifier()) return fail("the name of a type is expected here");
            out->type.name_space = std::exchange(out->type.name, token_.text);
            if (auto read = advance(); !read) return base::pass(read);
        }
        if (!known_type(out->type)) return unknown_type(*out);
        return adopt(std::move(out), std::move(left));
    }

    static tl::unexpected<base::Error> unknown_type(const Term& term) {
        const auto name = term.type.name_space.empty() ? term.type.name : term.type.name_space + "." + term.type.name;
        return base::fail(base::Kind::invalid, with_place("there is no type \"" + name + "\"", term.line, term.column));
    }

    bool identifier() const { return token_.kind == Token::Kind::identifier || token_.kind == Token::Kind::delimited; }

    Made operand() {
        if (token_.kind == Token::Kind::symbol && (token_.text == "+" || token_.text == "-")) {
            auto out = make(token_.text == "+" ? Op::plus : Op::minus);
            if (auto read = advance(); !read) return base::pass(read);
            auto of = expression(kUnaryStrength);
            if (!of) return of;
            return adopt(std::move(out), std::move(*of));
        }
        switch (token_.kind) {
            case Token::Kind::symbol:
                return token_.text == "(" ? parenthesis() : token_.text == "{" ? braces() : unexpected_token();
            case Token::Kind::string:
                return string_literal();
            case Token::Kind::number:
            case Token::Kind::long_number:
                return number_literal();
            case Token::Kind::temporal:
                return temporal_literal();
            case Token::Kind::variable:
                return named(Op::variable);
            case Token::Kind::dollar:
                return dollar();
            case Token::Kind::delimited:
                return member_or_function(nullptr);
            case Token::Kind::identifier:
                break;
            case Token::Kind::end:
                return fail("the expression ends too early");
        }
        if (token_.text == "true" || token_.text == "false") {
            auto out = make(Op::literal);
            out->literal = Item::of(token_.text == "true");
            return after(std::move(out));
        }
        if (std::find(std::begin(kReserved), std::end(kReserved), token_.text) != std::end(kReserved)) return unexpected_token();
        return member_or_function(nullptr);
    }

    Made unexpected_token() const { return fail("a value or a path is expected here, not \"" + token_.text + "\""); }
    Made after(std::unique_ptr<Term> term) {
        if (auto read = advance(); !read) return base::pass(read);
        return term;
    }
    Made named(Op op) {
        auto out = make(op);
        out->name = token_.text;
        return after(std::move(out));
    }
    Made parenthesis() {
        if (auto read = advance(); !read) return base::pass(read);
        auto out = expression(0);
        if (!out) return out;
        if (auto read = expect(")"); !read) return base::pass(read);
        return out;
    }
    Made braces() {
        auto out = make(Op::empty);
        if (auto read = advance(); !read) return base::pass(read);
        if (auto read = expect("}"); !read) return base::pass(read);
        return out;
    }
    Made dollar() {
        const auto op = token_.text == "$this" ? Op::this_item : token_.text == "$index" ? Op::index : Op::total;
        if (op == Op::total && token_.text != "$total") return fail("after $ come this, index or total");
        return after(make(op));
    }

    Made string_literal() {
        auto out = make(Op::literal);
        out->text = std::move(token_.text);
        out->literal = Item::of_string(out->text);
        return after(std::move(out));
    }

    Made number_literal() {
        auto out = make(Op::literal);
        const bool is_long = token_.kind == Token::Kind::long_number;
        const auto number = Decimal::parse(token_.text);
        if (!number) return fail("the number has too many digits");
        const bool whole = token_.text.find('.') == std::string::npos;
        const auto integer = whole ? number->to_int64() : std::nullopt;
        out->decimal = *number;
        if (is_long && !integer) return fail("the number has too many digits");
        out->literal = integer ? Item::of_integer(*integer, is_long ? ItemKind::long_integer : ItemKind::integer) : Item::of(&out->decimal);
        if (auto read = advance(); !read) return base::pass(read);
        const bool word = token_.kind == Token::Kind::identifier && calendar_unit(token_.text);
        if (is_long || (!word && token_.kind != Token::Kind::string)) return out;
        out->text = token_.text;
        out->quantity = Quantity{*number, out->text, word, false};
        out->literal = Item::of(&out->quantity);
        return after(std::move(out));
    }

    Made temporal_literal() {
        auto out = make(Op::literal);
        const auto& text = token_.text;
        const auto parsed = text.front() == 'T'                   ? parse_time(text)
                            : text.find('T') == std::string::npos ? parse_date(text)
                                                                  : parse_date_time(text);
        if (!parsed) return fail("there is no such date or time");
        out->temporal = *parsed;
        out->literal = Item::of(&out->temporal);
        return after(std::move(out));
    }

    Made invocation(std::unique_ptr<Term> base) {
        if (auto read = advance(); !read) return base::pass(read);
        if (token_.kind == Token::Kind::dollar) {
            return fail("$this, $index and $total stand alone or at the beginning of a path");
        }
        if (!identifier()) return fail("a name is expected after the dot");
        return member_or_function(std::move(base));
    }

    Made indexer(std::unique_ptr<Term> base) {
        auto out = make(Op::indexer);
        if (auto read = advance(); !read) return base::pass(read);
        auto index = expression(0);
        if (!index) return index;
        if (auto read = expect("]"); !read) return base::pass(read);
        auto taken = adopt(std::move(out), std::move(base));
        return taken ? adopt(std::move(*taken), std::move(*index)) : std::move(taken);
    }

    Made member_or_function(std::unique_ptr<Term> base) {
        auto out = make(Op::member);
        out->name = token_.text;
        if (auto read = advance(); !read) return base::pass(read);
        auto taken = adopt(std::move(out), std::move(base));
        if (!taken || !token_.is("(") || token_.kind != Token::Kind::symbol) return taken;
        (*taken)->op = Op::function;
        return function(std::move(*taken));
    }

    Made function(std::unique_ptr<Term> call) {
        call->function = find_function(call->name);
        if (call->function == nullptr) {
            return base::fail(base::Kind::invalid, with_place("there is no function \"" + call->name + "\"", call->line, call->column));
        }
        if (auto read = advance(); !read) return base::pass(read);
        while (!(token_.is(")") && token_.kind == Token::Kind::symbol)) {
            if (call->children.size() > 1) {
                if (auto read = expect(","); !read) return base::pass(read);
            }
            auto argument = expression(0);
            if (!argument) return argument;
            auto taken = adopt(std::move(call), std::move(*argument));
            if (!taken) return taken;
            call = std::move(*taken);
        }
        if (auto read = advance(); !read) return base::pass(read);
        return checked(std::move(call));
    }

    // The count of the arguments; a type or a pattern among them is made ready.
    Made checked(std::unique_ptr<Term> call) {
        const auto& function = *call->function;
        call->mixed = call->mixed || function.mixes;
        const auto count = call->argument_count();
        if (count < function.least || count > function.most) {
            return base::fail(base::Kind::invalid, with_place(call->name + "() does not take " + std::to_string(count) + " arguments",
                                                              call->line, call->column));
        }
        if (function.argument == Function::Argument::type) {
            if (!read_type(call->argument(0), call->type)) {
                return base::fail(base::Kind::invalid, with_place(call->name + "() wants the name of a type", call->line, call->column));
            }
            if (!known_type(call->type)) return unknown_type(*call);
        }
        if (function.argument == Function::Argument::pattern && count == function.least) {
            const auto& first = call->argument(0);
            if (first.op != Op::literal || !first.literal.is(ItemKind::string)) return call;
            auto pattern = Regex::compile(first.literal.text());
            if (!pattern) {
                auto error = pattern.error();
                error.diagnostics = with_place(error.diagnostics, first.line, first.column);
                return tl::unexpected(std::move(error));
            }
            call->pattern = std::move(*pattern);
        }
        return call;
    }

    static bool read_type(const Term& term, TypeSpecifier& out) {
        if (term.op != Op::member) return false;
        out.name = term.name;
        if (term.base() == nullptr) return true;
        if (term.base()->op != Op::member || term.base()->base() != nullptr) return false;
        out.name_space = term.base()->name;
        return true;
    }

    Lexer lexer_;
    const CompileLimits& limits_;
    Token token_;
    std::size_t nesting_ = 0;
};

}  // namespace

base::Result<std::unique_ptr<Term>> parse(std::string_view text, const CompileLimits& limits) {
    if (text.size() > limits.bytes) {
        return base::fail(base::Kind::too_large, "the expression is longer than " + std::to_string(limits.bytes) + " bytes");
    }
    return Parser(text, limits).parse();
}

}  // namespace fhirpath
