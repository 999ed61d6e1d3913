// What the three forms of a patch have in common. Inside patch only.
#pragma once

#include "fhir/patch/patch.hpp"
#include "fhir/patch/values.hpp"

#include <string>

namespace patch {

class Operations {
  public:
    virtual ~Operations() = default;
    virtual Form form() const = 0;
    virtual std::size_t size() const = 0;
    virtual base::Result<json::Value> apply(const json::Value& resource, const Limits& limits) const = 0;
};

// One operation as errors name it.
struct Label {
    std::size_t number = 1;  // the first is 1
    std::string name;        // "add"; empty: none was given
    std::string path;

    // "operation 2 (add): what is wrong", with the path as its place. A path may quote a patient's data, and what is in `diagnostics` also
    // stands in the audit trail: so the path is not in it.
    base::Error error(base::Kind kind, std::string what, std::string issue = {}) const;
    tl::unexpected<base::Error> malformed(std::string what, std::string issue = "structure") const;  // the patch is none
    tl::unexpected<base::Error> refused(std::string what, std::string issue = "processing") const;   // it does not fit here
    tl::unexpected<base::Error> at(const base::Error& error) const;                                  // said by a library below
};

// What the operations of one patch have used up.
class Budget {
  public:
    explicit Budget(const Limits& limits) : limits_(limits), ends_(std::chrono::steady_clock::now() + limits.time) {}

    base::Status next(const Label& label) const;  // before each operation: is there time left?
    // Before something is added below `depth` levels. Error: Kind::too_large.
    base::Status add(const Label& label, const Measure& added, std::size_t depth);

  private:
    const Limits& limits_;
    std::chrono::steady_clock::time_point ends_;
    Measure used_;
};

// Kind::too_large when there are more operations than the limit.
base::Status check_count(std::size_t operations, const Limits& limits);

}  // namespace patch
