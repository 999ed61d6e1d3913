// What /metrics shows, in Prometheus' text format. No personal data: statuses and sizes, no ids.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "fhir/http/response.hpp"

namespace server {

class Metrics {
  public:
    Metrics();
    ~Metrics();

    // Counts and times every answer of `inner` by method and status class.
    http::Handler observe(http::Handler inner);
    // A gauge that is read when /metrics is asked for. Several of one name differ in their labels.
    void gauge(const std::string& name, const std::string& help, std::function<double()> value, const std::map<std::string, std::string>& labels = {});
    std::string text() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace server
