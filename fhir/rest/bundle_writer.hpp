// Writes a Bundle as text around resources that are canonical JSON already: nothing is parsed and written again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "storage/base/clock.hpp"

namespace rest {

class BundleWriter {
  public:
    struct Response {
        int status = 200;
        std::string location;
        std::optional<std::uint32_t> version;
        std::optional<base::TimeUs> updated_us;
        std::string outcome;  // OperationOutcome as JSON text, or empty
    };
    struct Entry {
        std::string_view full_url;
        std::string_view resource;       // JSON text, or empty
        std::string_view search_mode;    // "match", "include", "outcome", or empty
        std::string_view method, url;    // entry.request (history), or empty
        std::string_view extension;      // JSON text of the extension array, or empty
        std::optional<Response> response;
    };

    // type: http://hl7.org/fhir/bundle-type
    BundleWriter(std::string_view type, base::TimeUs now);
    void total(std::uint64_t n);
    void link(std::string_view relation, std::string_view url);
    void entry(const Entry& entry);
    std::string take();

  private:
    std::string head_, links_, entries_;
};

// "201 Created"
std::string status_line(int status);

}  // namespace rest
