#include "fhir/patch/operations.hpp"

namespace patch {

base::Error Label::error(base::Kind kind, std::string what, std::string issue) const {
    auto text = "operation " + std::to_string(number) + (name.empty() ? "" : " (" + name + ")") + ": " + std::move(what);
    return {kind, std::move(text), path.empty() ? std::vector<std::string>{} : std::vector<std::string>{path}, std::move(issue)};
}

tl::unexpected<base::Error> Label::malformed(std::string what, std::string issue) const {
    return tl::unexpected(error(base::Kind::invalid, std::move(what), std::move(issue)));
}

tl::unexpected<base::Error> Label::refused(std::string what, std::string issue) const {
    return tl::unexpected(error(base::Kind::unprocessable, std::move(what), std::move(issue)));
}

tl::unexpected<base::Error> Label::at(const base::Error& below) const {
    return tl::unexpected(error(below.kind, below.diagnostics, below.issue));
}

base::Status Budget::next(const Label& label) const {
    if (std::chrono::steady_clock::now() < ends_) return {};
    return tl::unexpected(label.error(
        base::Kind::too_large, "the patch takes longer than the limit of " + std::to_string(limits_.time.count()) + " ms", "too-costly"));
}

base::Status Budget::add(const Label& label, const Measure& added, std::size_t depth) {
    const auto too_large = [&](std::string_view what, std::size_t limit) -> base::Status {
        return tl::unexpected(
            label.error(base::Kind::too_large, std::string(what) + "; the limit is " + std::to_string(limit), "too-costly"));
    };
    used_.bytes += added.bytes;
    used_.values += added.values;
    if (used_.bytes > limits_.growth_bytes) return too_large("the patch adds too many bytes (growth_bytes)", limits_.growth_bytes);
    if (used_.values > limits_.growth_values) return too_large("the patch adds too many values (growth_values)", limits_.growth_values);
    if (depth + added.depth > limits_.depth) return too_large("the result would be nested too deep (depth)", limits_.depth);
    return {};
}

base::Status check_count(std::size_t operations, const Limits& limits) {
    if (operations <= limits.operations) return {};
    return base::fail(base::Kind::too_large,
                      "the patch has " + std::to_string(operations) + " operations; the limit is " + std::to_string(limits.operations), {},
                      "too-costly");
}

}  // namespace patch
