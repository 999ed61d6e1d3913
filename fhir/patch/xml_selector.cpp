#include "fhir/patch/xml_selector.hpp"
#include "storage/base/encoding.hpp"

#include <charconv>

namespace patch {
namespace {

using base::Kind;
using base::Status;
using codec::XmlNode;

bool name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' ||
           static_cast<unsigned char>(c) >= 0x80;
}

std::string value_of(const XmlTarget& target) {
    return target.attribute ? target.node->attributes[*target.attribute].value : target.node->string_value();
}

}  // namespace

class XmlSelector::Parser {
  public:
    Parser(std::string_view text, const SpaceOf& space_of) : text_(text), space_of_(space_of) {}

    base::Result<std::vector<Step>> selector() {
        std::vector<Step> out;
        take('/');  // an absolute path and a relative one begin at the same place, the document
        if (auto done = path(out, true); !done) return base::pass(done);
        space();
        if (at_ != text_.size()) return tl::unexpected(wrong("a '/' or the end is expected"));
        return out;
    }

  private:
    base::Error wrong(std::string_view what, Kind kind = Kind::invalid) const {
        return {kind,
                "the selector, at character " + std::to_string(at_ + 1) + ": " + std::string(what),
                {},
                kind == Kind::invalid ? "value" : ""};
    }
    Status fail(std::string_view what, Kind kind = Kind::invalid) const { return tl::unexpected(wrong(what, kind)); }

    void space() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) ++at_;
    }
    bool take(std::string_view word) {
        space();
        if (!text_.substr(at_).starts_with(word)) return false;
        at_ += word.size();
        return true;
    }
    bool take(char c) { return take(std::string_view(&c, 1)); }
    std::string_view word() {
        space();
        const auto from = at_;
        while (at_ < text_.size() && name_character(text_[at_])) ++at_;
        return text_.substr(from, at_ - from);
    }

    Status path(std::vector<Step>& out, bool with_predicates) {
        do {
            space();
            if (text_.substr(at_).starts_with('/')) return fail("'//' is not in XML Patch; name each element", Kind::not_supported);
            if (!out.empty() && out.back().kind != Step::Kind::element) return fail("nothing stands below an attribute or a text");
            Step step;
            if (auto done = node_test(step); !done) return done;
            while (with_predicates && take('[')) {
                Predicate predicate;
                if (auto done = this->predicate(predicate); !done) return done;
                if (!take(']')) return fail("']' is expected");
                step.predicates.push_back(std::move(predicate));
            }
            out.push_back(std::move(step));
        } while (take('/'));
        return {};
    }

    Status node_test(Step& step) {
        space();
        if (text_.substr(at_).starts_with("..")) return fail("'..' is not in XML Patch", Kind::not_supported);
        if (take('@')) step.kind = Step::Kind::attribute;
        if (take('*')) {
            step.any_name = step.any_space = true;
            return {};
        }
        const auto from = at_;
        auto name = word();
        if (name.empty()) return fail("a name is expected");
        if (take("::")) return fail("axes are not in XML Patch", Kind::not_supported);
        if (take('(')) return function(step, name, from);
        std::string_view prefix;
        if (take(':')) {
            prefix = name;
            step.any_name = take('*');
            name = step.any_name ? std::string_view() : word();
            if (name.empty() && !step.any_name) return fail("a name is expected behind the prefix");
        }
        step.name = name;
        // An unprefixed attribute is in no namespace, whatever the default is (Namespaces in XML, section 6.2).
        if (prefix.empty() && step.kind == Step::Kind::attribute) return {};
        const auto known = space_of_(prefix);
        if (!known && !prefix.empty()) return fail("the prefix '" + std::string(base::utf8_prefix(prefix, 32)) + "' is not declared in the patch");
        step.space = known.value_or("");
        return {};
    }

    Status function(Step& step, std::string_view name, std::size_t from) {
        if (step.kind == Step::Kind::element && name == "text" && take(')')) {
            step.kind = Step::Kind::text;
            return {};
        }
        at_ = from;
        return fail("the function " + std::string(base::utf8_prefix(name, 32)) + "() is not taken here", Kind::not_supported);
    }

    Status predicate(Predicate& out) {
        space();
        if (take("last()")) {
            out.kind = Predicate::Kind::last;
            return {};
        }
        const bool spelled = take("position()");
        if (spelled && !take('=')) return fail("position() is compared by '='");
        space();
        if (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') {
            out.kind = Predicate::Kind::position;
            const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), out.position);
            if (error != std::errc() || out.position == 0) return fail("a position counts from 1");
            at_ = static_cast<std::size_t>(end - text_.data());
            return {};
        }
        if (spelled) return fail("a number is expected");
        if (auto done = predicate_path(out.path); !done) return done;
        if (!take('=')) return {};
        out.kind = Predicate::Kind::equals;
        return literal(out.literal);
    }

    Status predicate_path(std::vector<Step>& out) {
        space();
        const auto rest = text_.substr(at_);
        if (!rest.starts_with('.') || rest.starts_with("..")) return path(out, false);
        ++at_;
        out.emplace_back().kind = Step::Kind::self;
        return {};
    }

    Status literal(std::string& out) {
        space();
        const char quote = at_ < text_.size() ? text_[at_] : '\0';
        const auto end = quote == '\'' || quote == '"' ? text_.find(quote, at_ + 1) : std::string_view::npos;
        if (end == std::string_view::npos) return fail("a text in quotes is expected");
        out = text_.substr(at_ + 1, end - at_ - 1);
        at_ = end + 1;
        return {};
    }

    std::string_view text_;
    const SpaceOf& space_of_;
    std::size_t at_ = 0;
};

base::Result<XmlSelector> XmlSelector::parse(std::string_view text, const SpaceOf& space_of) {
    auto steps = Parser(text, space_of).selector();
    if (!steps) return base::pass(steps);
    XmlSelector out;
    out.steps_ = std::move(*steps);
    return out;
}

std::vector<XmlTarget> XmlSelector::select(XmlNode& root) const {
    return walk(steps_, {XmlTarget{}}, &root);
}

// A target without a node is the document, whose one child is its element.
std::vector<XmlTarget> XmlSelector::children(const Step& step, const XmlTarget& from, XmlNode* document_element) {
    std::vector<XmlTarget> out;
    const auto fits = [&](const std::string& space, const std::string& name) {
        return (step.any_space || space == step.space) && (step.any_name || name == step.name);
    };
    const auto consider = [&](XmlNode& child) {
        if (step.kind == Step::Kind::text ? child.is_text() : !child.is_text() && fits(child.space, child.name))
            out.push_back({&child, {}});
    };
    if (step.kind == Step::Kind::self) {
        out.push_back(from);
    } else if (from.node == nullptr) {
        if (step.kind == Step::Kind::element) consider(*document_element);
    } else if (step.kind == Step::Kind::attribute) {
        for (std::size_t i = 0; i < from.node->attributes.size(); ++i) {
            if (fits(from.node->attributes[i].space, from.node->attributes[i].name)) out.push_back({from.node, i});
        }
    } else {
        for (auto& child : from.node->children) consider(*child);
    }
    return out;
}

bool XmlSelector::holds(const Predicate& predicate, const XmlTarget& target, std::size_t position, std::size_t size) {
    switch (predicate.kind) {
        case Predicate::Kind::position:
            return position == predicate.position;
        case Predicate::Kind::last:
            return position == size;
        case Predicate::Kind::exists:
            return !walk(predicate.path, {target}, nullptr).empty();
        case Predicate::Kind::equals:
            for (const auto& found : walk(predicate.path, {target}, nullptr)) {
                if (value_of(found) == predicate.literal) return true;
            }
            return false;
    }
    return false;
}

std::vector<XmlTarget> XmlSelector::walk(const std::vector<Step>& steps, std::vector<XmlTarget> from, XmlNode* document_element) {
    for (const auto& step : steps) {
        std::vector<XmlTarget> next;
        for (const auto& target : from) {
            if (target.attribute && step.kind != Step::Kind::self) continue;
            auto found = children(step, target, document_element);
            for (const auto& predicate : step.predicates) {
                std::vector<XmlTarget> kept;
                for (std::size_t i = 0; i < found.size(); ++i) {
                    if (holds(predicate, found[i], i + 1, found.size())) kept.push_back(found[i]);
                }
                found = std::move(kept);
            }
            next.insert(next.end(), found.begin(), found.end());
        }
        from = std::move(next);
    }
    return from;
}

}  // namespace patch
