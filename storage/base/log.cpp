#include "storage/base/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace base::log {
namespace {

spdlog::logger& logger() {
    static const auto instance = [] {
        auto made = spdlog::stderr_logger_mt("kedge");
        made->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
        return made;
    }();
    return *instance;
}

}  // namespace

void set_level(Level level) {
    switch (level) {
        case Level::debug: return logger().set_level(spdlog::level::debug);
        case Level::info: return logger().set_level(spdlog::level::info);
        case Level::warn: return logger().set_level(spdlog::level::warn);
        case Level::error: return logger().set_level(spdlog::level::err);
    }
}
void debug(std::string_view message) {
    logger().debug("{}", message);
}
void info(std::string_view message) {
    logger().info("{}", message);
}
void warn(std::string_view message) {
    logger().warn("{}", message);
}
void error(std::string_view message) {
    logger().error("{}", message);
}

void Seldom::error(std::string_view message, Clock::time_point now) {
    auto next = next_.load();
    const bool ours = now.time_since_epoch().count() >= next && next_.compare_exchange_strong(next, (now + kBetween).time_since_epoch().count());
    if (!ours) {
        ++kept_;
        return;
    }
    const auto kept = kept_.exchange(0);
    if (kept == 0) return log::error(message);
    logger().error("{} ({} lines like this were not written)", message, kept);
}

}  // namespace base::log
