#include "anchoring/ethereum/rpc_client.hpp"

#include "anchoring/ethereum/rpc_reply.hpp"
#include "anchoring/ethereum/rpc_values.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <mutex>
#include <random>
#include <thread>

// The library's HTTP client is 4.6 s of compile time: here, and nowhere else.
#include <cpprest/http_client.h>
#include <pplx/threadpool.h>

namespace ethereum {
namespace {

using base::Kind;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kFirstWait{100}, kLongestWait{2000};

// One attempt's end that is no answer: whether another attempt can do better, and how long the node asks us to wait.
struct Failed {
    std::string what;
    std::chrono::milliseconds wait{0};
    bool too_long = false;
    bool rested = false;  // the connection was lost, and it may be one that the node closed while it rested
};

struct Abandoned : std::runtime_error {
    Abandoned(const std::string& why, bool long_) : runtime_error(why), too_long(long_) {}
    bool too_long;
};

// The library's client, which keeps connections for the next question.
struct Client {
    web::http::client::http_client http;
    std::atomic<bool> answered{false};  // so that it may keep one
};

struct Endpoint {
    web::uri uri;
    web::http::client::http_client_config config;
    std::string shown;                 // scheme, host, port
    std::atomic<bool> checked{false};  // its chain id, since its last failure

    std::shared_ptr<Client> client() {
        const std::lock_guard lock(mutex);
        if (!current) current = std::make_shared<Client>(web::http::client::http_client(uri, config));
        return current;
    }
    // The next question goes over a new connection.
    void forget_connections() {
        const std::lock_guard lock(mutex);
        current = nullptr;
    }

  private:
    std::mutex mutex;
    std::shared_ptr<Client> current;
};

// cpprestsdk starts forty threads for itself unless it is told otherwise before its first use; ours only carry bytes.
void keep_pool_small() {
    static std::once_flag once;
    std::call_once(once, [] {
        try {
            crossplat::threadpool::initialize_with_threads(4);
        } catch (const std::exception&) {
            // Another user of the library began first: its pool serves as well.
        }
    });
}

std::chrono::milliseconds retry_after(const web::http::http_response& response) {
    std::string text;
    if (!response.headers().match("Retry-After", text)) return std::chrono::milliseconds{0};
    if (text.empty() || text.size() > 4 || !std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; })) {
        return std::chrono::milliseconds{0};
    }
    return std::min(std::chrono::milliseconds(std::stoi(text) * 1000), kLongestWait);
}

}  // namespace

struct RpcClient::Impl {
    RpcOptions options;
    std::vector<std::unique_ptr<Endpoint>> endpoints;
    std::atomic<std::size_t> current{0};
    std::atomic<std::uint64_t> next_id{1};
    std::atomic<std::int64_t> last_answer_us{0};

    base::Status add(const std::string& url);
    // One HTTP exchange: the body's text, whatever the status says about errors of its own.
    tl::expected<std::string, Failed> post(Endpoint& endpoint, const std::string& body);
    tl::expected<RpcReply, Failed> exchange(Endpoint& endpoint, std::string_view method, const json::Array& params);
    tl::expected<void, Failed> check_chain(Endpoint& endpoint, bool& wrong_chain);
    tl::expected<RpcReply, Failed> attempt(Endpoint& endpoint, std::string_view method, const json::Array& params, bool& wrong_chain);
};

base::Status RpcClient::Impl::add(const std::string& url) {
    try {
        const web::uri uri(url);
        if ((uri.scheme() != "http" && uri.scheme() != "https") || uri.host().empty()) {
            return base::fail(Kind::invalid, "a ledger endpoint must be an http:// or https:// URL");
        }
        web::http::client::http_client_config config;
        config.set_timeout(std::chrono::milliseconds(options.timeout_ms));
        config.set_max_redirects(0);  // our headers are for this host alone
        if (!options.ca_file.empty()) {
            config.set_ssl_context_callback(
                [file = options.ca_file](boost::asio::ssl::context& context) { context.load_verify_file(file); });
        }
        auto endpoint = std::make_unique<Endpoint>();
        endpoint->shown = uri.scheme() + "://" + uri.host() + (uri.port() > 0 ? ":" + std::to_string(uri.port()) : "");
        endpoint->uri = uri;
        endpoint->config = std::move(config);
        endpoint->client();
        endpoints.push_back(std::move(endpoint));
        return {};
    } catch (const std::exception&) {  // web::uri_exception: its text would repeat the URL, which may hold a key
        return base::fail(Kind::invalid, "a ledger endpoint's URL does not parse");
    }
}

tl::expected<std::string, Failed> RpcClient::Impl::post(Endpoint& endpoint, const std::string& body) {
    const auto client = endpoint.client();
    try {
        web::http::http_request request(web::http::methods::POST);
        request.set_body(body, "application/json");
        for (const auto& [name, value] : options.headers) request.headers().add(name, value);
        // The library collects a body without a limit, and its timeout starts anew with each piece: both end here.
        const auto deadline = Clock::now() + std::chrono::milliseconds(options.timeout_ms) * 2;
        request.set_progress_handler([deadline, most = options.max_answer_bytes](web::http::message_direction::direction way, auto bytes) {
            if (way != web::http::message_direction::download) return;
            if (bytes > most) throw Abandoned("the answer is longer than " + std::to_string(most) + " bytes", true);
            if (Clock::now() > deadline) throw Abandoned("the answer comes too slowly", false);
        });
        auto response = client->http.request(request).get();
        auto text = response.extract_utf8string(true).get();
        client->answered = true;
        const auto status = response.status_code();
        if (status == 429) return tl::unexpected(Failed{"429: it answers no more questions for now", retry_after(response)});
        if (status == 401 || status == 403) return tl::unexpected(Failed{std::to_string(status) + ": it refuses our credentials"});
        // Some nodes send error objects with 400 or 500: a body that is one is read as one.
        if (status != 200 && text.find("\"jsonrpc\"") == std::string::npos) {
            return tl::unexpected(Failed{"HTTP status " + std::to_string(status), retry_after(response)});
        }
        return text;
    } catch (const Abandoned& e) {
        return tl::unexpected(Failed{e.what(), {}, e.too_long});
    } catch (const web::http::http_exception& e) {
        return tl::unexpected(Failed{.what = e.what(), .rested = client->answered && e.error_code() != std::errc::timed_out});
    } catch (const std::exception& e) {  // what stands under it
        return tl::unexpected(Failed{e.what()});
    }
}

tl::expected<RpcReply, Failed> RpcClient::Impl::exchange(Endpoint& endpoint, std::string_view method, const json::Array& params) {
    const auto id = next_id.fetch_add(1);
    const auto text = post(endpoint, rpc_question(id, method, params));
    if (!text) return tl::unexpected(text.error());
    auto reply = read_rpc_reply(*text, id, options.max_answer_bytes);
    if (!reply) return tl::unexpected(Failed{reply.error().diagnostics});
    if (reply->error && means_later(*reply->error)) return tl::unexpected(Failed{reply->error->message});
    return std::move(*reply);
}

tl::expected<void, Failed> RpcClient::Impl::check_chain(Endpoint& endpoint, bool& wrong_chain) {
    if (!options.chain_id || endpoint.checked) return {};
    const auto reply = exchange(endpoint, "eth_chainId", {});
    if (!reply) return tl::unexpected(reply.error());
    const auto id = reply->error ? base::fail(Kind::corrupt, reply->error->message) : as_quantity(reply->result, "eth_chainId");
    if (!id) return tl::unexpected(Failed{"does not say its chain id: " + id.error().diagnostics});
    if (*id != *options.chain_id) {
        wrong_chain = true;
        return tl::unexpected(Failed{"is on chain " + std::to_string(*id) + ", not on " + std::to_string(*options.chain_id)});
    }
    endpoint.checked = true;
    return {};
}

tl::expected<RpcReply, Failed> RpcClient::Impl::attempt(Endpoint& endpoint, std::string_view method, const json::Array& params, bool& wrong_chain) {
    const auto once = [&]() -> tl::expected<RpcReply, Failed> {
        if (auto right = check_chain(endpoint, wrong_chain); !right) return tl::unexpected(right.error());
        return exchange(endpoint, method, params);
    };
    auto reply = once();
    if (reply || !reply.error().rested) return reply;
    // Nodes close connections that rest, some after seconds, and the library notices only some of these. Who asks less often than that would
    // lose every question. It may as well be a node that went away, and what stands there now is another: so its chain is asked for again.
    endpoint.checked = false;
    endpoint.forget_connections();
    return once();
}

RpcClient::RpcClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RpcClient::~RpcClient() = default;

base::Result<std::unique_ptr<RpcClient>> RpcClient::open(RpcOptions options) {
    if (options.urls.empty()) return base::fail(Kind::invalid, "no ledger endpoint is given");
    if (options.timeout_ms <= 0 || options.attempts <= 0) return base::fail(Kind::invalid, "timeout and attempts must be above zero");
    if (!options.ca_file.empty() && !std::ifstream(options.ca_file)) {
        return base::fail(Kind::invalid, "the file of trusted authorities " + options.ca_file + " cannot be read");
    }
    keep_pool_small();
    auto impl = std::make_unique<Impl>();
    impl->options = std::move(options);
    for (const auto& url : impl->options.urls) {
        if (auto added = impl->add(url); !added) return base::pass(added);
    }
    return std::unique_ptr<RpcClient>(new RpcClient(std::move(impl)));
}

base::Result<RpcReply> RpcClient::ask(std::string_view method, json::Array params) {
    thread_local std::minstd_rand jitter{std::random_device{}()};
    auto& impl = *impl_;
    const std::size_t rounds = std::max<std::size_t>(static_cast<std::size_t>(impl.options.attempts), impl.endpoints.size());
    std::string last;
    bool wrong_chain = false;
    auto wait = kFirstWait;
    for (std::size_t round = 0; round < rounds; ++round) {
        const std::size_t at = impl.current;
        auto& endpoint = *impl.endpoints[at];
        bool wrong_here = false;
        auto reply = impl.attempt(endpoint, method, params, wrong_here);
        if (reply) {
            impl.last_answer_us =
                std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
            return std::move(*reply);
        }
        const auto& failed = reply.error();
        if (failed.too_long) return base::fail(Kind::too_large, std::string(method) + ": " + failed.what);
        endpoint.checked = false;
        wrong_chain |= wrong_here;
        last = endpoint.shown + ": " + failed.what;
        auto expected = at;
        impl.current.compare_exchange_strong(expected, (at + 1) % impl.endpoints.size());
        // A second endpoint is asked at once; only when all were asked is there something to wait for.
        if (round + 1 == rounds || (round + 1) % impl.endpoints.size() != 0) continue;
        std::this_thread::sleep_for(std::max(wait + wait * static_cast<int>(jitter() % 50) / 100, failed.wait));
        wait = std::min(wait * 2, kLongestWait);
    }
    return base::fail(wrong_chain ? Kind::corrupt : Kind::unavailable,
                      "the ledger's node did not answer " + std::string(method) + ": " + last);
}

base::Result<json::Value> RpcClient::call(std::string_view method, json::Array params) {
    auto reply = ask(method, std::move(params));
    if (!reply) return base::pass(reply);
    if (reply->error) {
        return base::fail(Kind::unprocessable, "the ledger's node refuses " + std::string(method) + ": " + reply->error->message + " (" +
                                                   std::to_string(reply->error->code) + ")");
    }
    return std::move(reply->result);
}

std::string RpcClient::endpoint() const {
    return impl_->endpoints[impl_->current]->shown;
}

std::int64_t RpcClient::last_answer_us() const {
    return impl_->last_answer_us;
}

}  // namespace ethereum
