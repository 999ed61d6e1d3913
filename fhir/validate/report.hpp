// Where a walk stands, and what it found so far. Inside fhir/validate only.
#pragma once

#include "fhir/validate/issue.hpp"
#include "storage/base/encoding.hpp"

#include <algorithm>

namespace validate {

class Report {
  public:
    explicit Report(std::size_t limit) : limit_(limit) {}

    // `member` is a name below the place; empty: the place itself.
    void add(Severity severity, std::string_view code, std::string what, std::string_view member = {}) {
        // Warnings never keep an error out, nor make one: each kind has its own limit.
        auto& count = severity == Severity::error ? errors_ : others_;
        if (count > limit_) return;
        if (count++ == limit_) {
            const auto kind = severity == Severity::error ? std::string("errors") : std::string("warnings");
            issues_.push_back({severity, "too-costly", "More " + kind + " follow; only the first " + std::to_string(limit_) + " are shown", place_});
            return;
        }
        issues_.push_back({severity, code, std::move(what), member.empty() ? place_ : place_ + "." + std::string(member)});
    }
    // In place of what a rule that knows less said with the same code at the same place; where that was graver, it stays alone.
    void replace(Severity severity, std::string_view code, std::string what, std::string_view member) {
        const auto place = place_ + "." + std::string(member);
        const auto same = [&](const Issue& issue) { return issue.code == code && issue.expression == place; };
        const bool graver = severity != Severity::error && std::any_of(issues_.begin(), issues_.end(), [&](const Issue& issue) { return same(issue) && issue.severity == Severity::error; });
        if (graver) return;
        std::erase_if(issues_, same);
        add(severity, code, std::move(what), member);
    }
    void error(std::string_view code, std::string what, std::string_view member = {}) { add(Severity::error, code, std::move(what), member); }
    void warning(std::string_view code, std::string what, std::string_view member = {}) { add(Severity::warning, code, std::move(what), member); }

    // Steps into a member or an item until the end of the scope.
    class [[nodiscard]] Step {
      public:
        Step(Report& report, std::string_view name) : report_(report), length_(report.place_.size()) {
            if (length_ > 0) report.place_ += '.';
            report.place_ += base::utf8_prefix(name, 128);
        }
        Step(Report& report, std::size_t index) : report_(report), length_(report.place_.size()) {
            report.place_ += '[';
            report.place_ += std::to_string(index);
            report.place_ += ']';
        }
        ~Step() { report_.place_.resize(length_); }
        Step(const Step&) = delete;
        Step& operator=(const Step&) = delete;

      private:
        Report& report_;
        std::size_t length_;
    };

    const std::string& place() const { return place_; }
    Issues& issues() { return issues_; }

  private:
    std::size_t limit_, errors_ = 0, others_ = 0;
    std::string place_;
    Issues issues_;
};

}  // namespace validate
