// The selectors of XML Patch: the part of XPath 1.0 that RFC 5261 section 4.1 allows, and paths inside predicates
// (f:identifier[f:system/@value='urn:x']), without which FHIR's XML, whose values are attributes, could hardly be selected from.
// Inside patch only.
#pragma once

#include "fhir/codec/xml_document.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patch {

// A node that was selected: an element, a text, or an attribute of an element.
struct XmlTarget {
    codec::XmlNode* node = nullptr;
    std::optional<std::size_t> attribute;
};

class XmlSelector {
  public:
    // `space_of` gives the namespace of a prefix, and of the empty prefix that which unprefixed element names are in (RFC 5261 section
    // 4.2.1: the default namespace of the patch, not of the document). Error: Kind::invalid for what is no selector and for an undeclared
    // prefix; Kind::not_supported for what XPath has and RFC 5261 does not (axes, '//', functions but position() and last()).
    using SpaceOf = std::function<std::optional<std::string>(std::string_view prefix)>;
    static base::Result<XmlSelector> parse(std::string_view text, const SpaceOf& space_of);

    std::vector<XmlTarget> select(codec::XmlNode& root) const;

  private:
    struct Predicate;
    struct Step {
        enum class Kind { element, attribute, text, self } kind = Kind::element;
        bool any_name = false, any_space = false;
        std::string space, name;
        std::vector<Predicate> predicates;
    };
    struct Predicate {
        enum class Kind { position, last, exists, equals } kind = Kind::exists;
        std::size_t position = 0;
        std::vector<Step> path;
        std::string literal;
    };
    class Parser;

    static std::vector<XmlTarget> walk(const std::vector<Step>& steps, std::vector<XmlTarget> from, codec::XmlNode* document_element);
    static std::vector<XmlTarget> children(const Step& step, const XmlTarget& from, codec::XmlNode* document_element);
    static bool holds(const Predicate& predicate, const XmlTarget& target, std::size_t position, std::size_t size);

    std::vector<Step> steps_;
};

}  // namespace patch
