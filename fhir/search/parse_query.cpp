#include "fhir/search/parse_query.hpp"

#include "fhir/search/compartments.hpp"
#include "fhir/search/parameters.hpp"
#include "fhir/search/parse_value.hpp"
#include "storage/base/encoding.hpp"

#include <algorithm>
#include <charconv>
#include <set>

namespace search {
namespace {

using base::Kind;

class Parser {
  public:
    explicit Parser(const QueryContext& context) : context_(context) {
        out_.query.type = context.type;
        out_.count = context.limits.default_count;
    }

    base::Result<SearchRequest> run(const Pairs& pairs) {
        if (pairs.size() > context_.limits.parameters) {
            return base::fail(Kind::too_large, "A search takes at most " + std::to_string(context_.limits.parameters) + " parameters");
        }
        for (const auto& [name, value] : pairs) {
            if (const auto taken = parameter(name, value); !taken) {
                auto error = taken.error();
                if (error.expression.empty()) error.expression.push_back(shown(name));
                return tl::unexpected<base::Error>(std::move(error));
            }
        }
        if (context_.for_condition && out_.query.criteria.empty()) {
            return base::fail(Kind::invalid, "A condition needs at least one search criterion", {}, "required");
        }
        if (out_.summary_count) out_.count = 0;
        out_.query.limit = out_.count;
        out_.query.count_total = out_.total != Total::none || out_.count == 0;
        out_.query.only_patients = patients_named(out_.query);
        return std::move(out_);
    }

  private:
    static tl::unexpected<base::Error> not_supported(std::string what) {
        return base::fail(Kind::invalid, std::move(what), {}, "not-supported");
    }

    // What a client wrote, short enough for a diagnostics text.
    static std::string shown(const std::string& text) { return std::string(base::is_utf8(text) ? base::utf8_prefix(text, 64) : "?"); }

    base::Status parameter(const std::string& name, const std::string& value) {
        if (!base::is_utf8(name) || !base::is_utf8(value)) return base::fail(Kind::invalid, "A search parameter is not UTF-8");
        if (value.size() > context_.limits.value_bytes) {
            return base::fail(Kind::too_large,
                              "The value of a search parameter may have at most " + std::to_string(context_.limits.value_bytes) + " bytes");
        }
        const auto colon = name.find(':');
        const auto code = name.substr(0, colon);
        const auto modifier = colon == std::string::npos ? std::string() : name.substr(colon + 1);
        const auto* definition = supported_parameter(context_.type, code);
        if (definition == nullptr) {
            const auto result = result_parameter(name, value);
            return result ? *result : unknown(name);
        }
        if (value.empty()) {
            // R4: a parameter without a value is left out. Inside a condition that would widen what it matches.
            if (context_.for_condition) return base::fail(Kind::invalid, "A criterion of a condition must have a value", {}, "required");
            return {};
        }
        return criterion(*definition, modifier, name, value, colon != std::string::npos);
    }

    base::Status criterion(const definitions::SearchParameter& definition, const std::string& modifier, const std::string& name,
                           const std::string& value, bool has_modifier) {
        using definitions::ParameterType;
        const auto& targets = definition.targets;
        const bool type_modifier =
            definition.type == ParameterType::reference && std::find(targets.begin(), targets.end(), modifier) != targets.end();
        if (has_modifier && !type_modifier) {
            const bool chain = modifier.find('.') != std::string::npos;
            return not_supported((chain ? "Chained parameters are"
                                        : "The modifier ':" + shown(modifier) + "' of '" + std::string(definition.code) + "' is") +
                                 " not supported");
        }
        const auto parts = split_unescaped(value, ',');
        if (parts.size() > context_.limits.values) {
            return base::fail(Kind::too_large, "A search parameter takes at most " + std::to_string(context_.limits.values) + " values");
        }
        store::Criterion out;
        out.param = definition.code;
        out.kind = definition.type == ParameterType::reference ? store::IndexEntry::Kind::reference
                   : definition.type == ParameterType::date    ? store::IndexEntry::Kind::date
                                                               : store::IndexEntry::Kind::token;
        const bool personal = is_direct_identifier(context_.type, definition.code);
        for (const auto part : parts) {
            if (part.empty()) return base::fail(Kind::invalid, "One of the values is empty");
            auto parsed = definition.code == "_id"                      ? id_value(part)
                          : definition.type == ParameterType::reference ? reference_value(part, modifier, definition, context_.base_url)
                          : definition.type == ParameterType::date      ? date_value(part, context_.now_us)
                                                                        : token_value(part, personal);
            if (!parsed) return base::pass(parsed);
            out.any_of.push_back(std::move(*parsed));
        }
        // The store reads several "not equals" as none of them, but R4's comma is an OR.
        const auto negated = [](const Value& each) { return each.op == store::Criterion::Op::not_equals; };
        if (out.any_of.size() > 1 && std::any_of(out.any_of.begin(), out.any_of.end(), negated)) {
            return not_supported("The prefix ne is supported for a single value; repeat the parameter to exclude several");
        }
        out_.query.criteria.push_back(std::move(out));
        out_.used.emplace_back(name, value);
        return {};
    }

    // Parameters that shape the answer. nullopt when it is none that is known.
    std::optional<base::Status> result_parameter(const std::string& name, const std::string& value) {
        static const std::set<std::string_view> kKnown{"_count", "_total", "_summary", "_elements", "_sort", "_format", "_pretty"};
        if (!kKnown.contains(name) || (context_.for_condition && name != "_format" && name != "_pretty")) return std::nullopt;
        if (value.empty()) return base::Status{};
        if (!seen_.insert(name).second) return base::fail(Kind::invalid, "The parameter may stand once only");
        if (name == "_count") return count(value);
        if (name == "_total") return total(value);
        if (name == "_summary") return summary(value);
        if (name == "_sort") return sort(value);
        if (name == "_format") out_.format = value;
        if (name == "_pretty") {
            if (value != "true" && value != "false") return base::fail(Kind::invalid, "_pretty is true or false");
            out_.pretty = value == "true";
        }
        out_.used.emplace_back(name, value);
        return base::Status{};
    }

    base::Status count(const std::string& value) {
        const auto count = page_size(value, context_.limits.max_count);
        if (!count) return base::pass(count);
        out_.count = *count;
        out_.used.emplace_back("_count", std::to_string(out_.count));
        return {};
    }

    base::Status total(const std::string& value) {
        if (value == "none")
            out_.total = Total::none;
        else if (value == "estimate")
            out_.total = Total::estimate;
        else if (value == "accurate")
            out_.total = Total::accurate;
        else
            return base::fail(Kind::invalid, "_total is none, estimate or accurate");
        out_.used.emplace_back("_total", value);
        return {};
    }

    base::Status summary(const std::string& value) {
        if (value == "count") {
            out_.summary_count = true;
        } else if (value != "true" && value != "text" && value != "data" && value != "false") {
            return base::fail(Kind::invalid, "_summary is one of true, text, data, count, false");
        }
        out_.used.emplace_back("_summary", value);
        return {};
    }

    base::Status sort(const std::string& value) {
        if (value != "-_lastUpdated") return unsupported_result("_sort", "Only _sort=-_lastUpdated (newest first) is supported");
        out_.used.emplace_back("_sort", value);
        return {};
    }

    // An order or form of the answer that cannot be given: passed over when the client is lenient.
    base::Status unsupported_result(std::string name, std::string what) {
        if (context_.handling == Handling::strict) return not_supported(std::move(what));
        out_.ignored.push_back(std::move(name));
        return {};
    }

    base::Status unknown(const std::string& name) {
        // R4: a server SHALL reject an unsupported modifier; a parameter that is not known at all may be passed over.
        if (context_.handling == Handling::lenient && !context_.for_condition && name.find(':') == std::string::npos) {
            out_.ignored.push_back(shown(name));
            return {};
        }
        std::string list;
        for (const auto* each : supported_parameters(context_.type)) list += (list.empty() ? "" : ", ") + std::string(each->code);
        const auto where = context_.type.empty() ? "a search over all types" : context_.type;
        return not_supported("The search parameter '" + shown(name) + "' is not supported for " + where + "; supported are " + list);
    }

    const QueryContext& context_;
    SearchRequest out_;
    std::set<std::string> seen_;
};

}  // namespace

base::Result<SearchRequest> parse_query(const Pairs& pairs, const QueryContext& context) {
    return Parser(context).run(pairs);
}

base::Result<std::size_t> page_size(const std::string& value, std::size_t most) {
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (end != value.data() + value.size() || (error != std::errc{} && error != std::errc::result_out_of_range)) {
        return base::fail(Kind::invalid, "_count is a whole number from 0", {"_count"});
    }
    return error == std::errc::result_out_of_range ? most : std::min(number, most);
}

}  // namespace search
