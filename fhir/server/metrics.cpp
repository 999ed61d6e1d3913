#include "fhir/server/metrics.hpp"

#include <array>
#include <chrono>
#include <vector>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace server {
namespace {

constexpr std::array<const char*, 7> kMethods{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "other"};

std::size_t method_index(const std::string& method) {
    for (std::size_t i = 0; i + 1 < kMethods.size(); ++i) {
        if (method == kMethods[i]) return i;
    }
    return kMethods.size() - 1;
}

}  // namespace

struct Metrics::Impl {
    prometheus::Registry registry;
    // By method and by the first digit of the status: looked up once here, so that an answer costs two atomic additions.
    std::array<std::array<prometheus::Counter*, 6>, kMethods.size()> answers{};
    std::array<prometheus::Histogram*, kMethods.size()> seconds{};
    std::vector<std::pair<prometheus::Gauge*, std::function<double()>>> gauges;
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {
    auto& answers = prometheus::BuildCounter().Name("kedge_http_responses_total").Help("Answers by method and status class").Register(impl_->registry);
    auto& seconds = prometheus::BuildHistogram().Name("kedge_http_response_seconds").Help("From the request's last byte to its answer").Register(impl_->registry);
    const prometheus::Histogram::BucketBoundaries buckets{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10};
    for (std::size_t m = 0; m < kMethods.size(); ++m) {
        impl_->seconds[m] = &seconds.Add({{"method", kMethods[m]}}, buckets);
        for (std::size_t digit = 1; digit < 6; ++digit) {
            impl_->answers[m][digit] = &answers.Add({{"method", kMethods[m]}, {"status", std::to_string(digit) + "xx"}});
        }
    }
}

Metrics::~Metrics() = default;

http::Handler Metrics::observe(http::Handler inner) {
    return [this, inner = std::move(inner)](http::Request request, http::Respond respond) {
        const auto method = method_index(request.method);
        const auto start = std::chrono::steady_clock::now();
        inner(std::move(request), [this, method, start, respond = std::move(respond)](http::Response response) {
            const auto digit = static_cast<std::size_t>(response.status / 100);
            if (digit >= 1 && digit < 6) impl_->answers[method][digit]->Increment();
            impl_->seconds[method]->Observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
            respond(std::move(response));
        });
    };
}

void Metrics::gauge(const std::string& name, const std::string& help, std::function<double()> value, const std::map<std::string, std::string>& labels) {
    auto& family = prometheus::BuildGauge().Name(name).Help(help).Register(impl_->registry);
    impl_->gauges.emplace_back(&family.Add(labels), std::move(value));
}

std::string Metrics::text() const {
    for (const auto& [gauge, value] : impl_->gauges) gauge->Set(value());
    return prometheus::TextSerializer().Serialize(impl_->registry.Collect());
}

}  // namespace server
