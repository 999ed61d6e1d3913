// The values of a FHIRPath evaluation as parts of a Parameters resource: typed, with their places, bounded in size.
#pragma once

#include "fhir/fhirpath/fhirpath.hpp"

#include <string>
#include <string_view>
#include <unordered_map>

namespace rest {

// Where the elements of a resource lie: "Patient.name[0].given[1]". Borrows the resource. Of a huge one the first elements alone are
// noted: places are a help to the reader, and may not cost what the resource itself does many times over.
class Places {
  public:
    explicit Places(const json::Value& resource);
    std::string_view find(const fhirpath::Node& node) const;  // empty: it lies in none of its elements

  private:
    static constexpr std::size_t kMost = 100'000;
    void walk(const json::Value& value, const definitions::Group* group, const std::string& path);
    std::unordered_map<const json::Value*, std::string> places_;
};

// Writes parts, and refuses to grow beyond what one answer may hold.
class PartWriter {
  public:
    PartWriter(const Places& places, std::size_t limit_bytes) : places_(places), left_bytes_(limit_bytes) {}

    // One part an item, named by its type. Error: Kind::too_large.
    base::Status append(const fhirpath::View& items, json::Array& parts);

  private:
    base::Status append(const fhirpath::View& items, std::size_t index, json::Array& parts);
    const Places& places_;
    std::size_t left_bytes_;
};

constexpr std::string_view kJsonValue = "http://fhir.forms-lab.com/StructureDefinition/json-value";
constexpr std::string_view kXmlValue = "http://fhir.forms-lab.com/StructureDefinition/xml-value";
constexpr std::string_view kResourcePath = "http://fhir.forms-lab.com/StructureDefinition/resource-path";

// A part with a string value.
json::Object string_part(std::string_view name, std::string_view value);

}  // namespace rest
