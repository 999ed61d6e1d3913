#include "fhir/server/config.hpp"

#include "fhir/server/settings.hpp"

#include <algorithm>
#include <charconv>

#include <arpa/inet.h>

namespace server {
namespace {

bool is_http_url(std::string_view text) {
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (text.substr(0, scheme.size()) == scheme && text.size() > scheme.size())
            return text.find_first_of(" \t\r\n?#") == std::string_view::npos;
    }
    return false;
}

// One node, or several with spaces between.
bool are_http_urls(std::string_view text) {
    while (true) {
        const auto end = std::min(text.find(' '), text.size());
        if (!is_http_url(text.substr(0, end))) return false;
        if (end == text.size()) return true;
        text.remove_prefix(end + 1);
    }
}

base::Status refuse(std::string sentence) {
    return base::fail(base::Kind::invalid, std::move(sentence));
}

}  // namespace

base::Result<Listen> parse_listen(std::string_view text) {
    const auto wrong = [&] {
        return base::fail(base::Kind::invalid,
                          "listen takes ADDR:PORT, for example 127.0.0.1:8080 or [::1]:8080, not " + std::string(text));
    };
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return wrong();
    auto address = text.substr(0, colon);
    const auto port = text.substr(colon + 1);
    Listen out;
    unsigned number = 0;
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
    if (error != std::errc() || end != port.data() + port.size() || number > 65535) return wrong();
    out.port = static_cast<std::uint16_t>(number);
    if (address == "localhost") address = "127.0.0.1";
    if (address.size() > 2 && address.front() == '[' && address.back() == ']') {
        out.address = address.substr(1, address.size() - 2);
        in6_addr v6{};
        if (inet_pton(AF_INET6, out.address.c_str(), &v6) != 1) return wrong();
        out.loopback = IN6_IS_ADDR_LOOPBACK(&v6);
        return out;
    }
    out.address = address;
    in_addr v4{};
    if (inet_pton(AF_INET, out.address.c_str(), &v4) != 1) return wrong();
    out.loopback = (ntohl(v4.s_addr) >> 24) == 127;
    return out;
}

base::Status set(Config& config, std::string_view key, std::string_view value) {
    const auto* setting = find_setting(key);
    if (!setting) return refuse("there is no setting " + std::string(key));
    return setting->set(config, value);
}

base::Status check(const Config& config) {
    const auto listen = parse_listen(config.listen);
    if (!listen) return base::pass(listen);
    if (config.data_dir.empty()) return refuse("data must name a directory");
    if (config.tls_certificate.empty() != config.tls_key.empty()) {
        return refuse("TLS needs both tls.certificate and tls.key; " + std::string(config.tls_key.empty() ? "tls.key" : "tls.certificate") +
                      " is missing");
    }
    const bool tls = !config.tls_key.empty();
    if (!listen->loopback && !tls && !config.behind_proxy) {
        return refuse("listening on " + config.listen +
                      " would send patients' records over the network in the clear: give --tls-certificate and --tls-key, or say "
                      "--behind-proxy when a "
                      "proxy terminates TLS, or listen on 127.0.0.1");
    }
    if (!config.base_url.empty() && (!is_http_url(config.base_url) || config.base_url.back() == '/')) {
        return refuse(
            "base_url must be an http(s) URL without query and without a slash at the end, for example https://ehr.example.org/fhir");
    }
    if (config.ledger != "embedded" && !are_http_urls(config.ledger)) {
        return refuse("ledger takes embedded or the http(s) URL of an EVM node's JSON-RPC (several with one space between), not " + config.ledger);
    }
    if (config.page.size_default > config.page.size_max) return refuse("page.size_default is larger than page.size_max");
    if (config.limits.body_bytes > config.limits.body_budget_bytes) {
        return refuse("limits.body_bytes is larger than limits.body_budget_bytes: the largest body could never be taken");
    }
    return {};
}

std::string public_base_url(const Config& config) {
    if (!config.base_url.empty()) return config.base_url;
    return (config.tls_key.empty() ? "http://" : "https://") + config.listen + "/fhir";
}

base::Result<Config> load_config(const std::string& path, const std::vector<std::pair<std::string, std::string>>& overrides) {
    Config config;
    if (!path.empty()) {
        if (auto applied = apply_file(config, path); !applied) return base::pass(applied);
    }
    for (const auto& [key, value] : overrides) {
        if (auto applied = set(config, key, value); !applied) return base::pass(applied);
    }
    if (auto checked = check(config); !checked) return base::pass(checked);
    return config;
}

}  // namespace server
