#include "fhir/server/load_client.hpp"

#include <charconv>

#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/http/span_body.hpp>
#include <boost/beast/ssl.hpp>

namespace server {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace beast_http = beast::http;
using asio::ip::tcp;
using beast::error_code;

constexpr std::uint64_t kMaxAnswerBytes = 1u << 30;

struct Url {
    bool tls = false;
    std::string host;  // without brackets
    std::string port;
    std::string path;
    std::string authority;  // for the Host field
};

base::Result<Url> parse_url(std::string_view text) {
    Url url;
    url.tls = text.substr(0, 8) == "https://";
    if (!url.tls && text.substr(0, 7) != "http://") return base::fail(base::Kind::invalid, "the URL must begin with http:// or https://");
    text.remove_prefix(url.tls ? 8 : 7);
    const auto slash = text.find('/');
    url.authority = text.substr(0, slash);
    url.path = slash == std::string_view::npos ? "" : std::string(text.substr(slash));
    const auto bracket = url.authority.rfind(']');
    const auto colon = url.authority.rfind(':');
    const bool has_port = colon != std::string::npos && (bracket == std::string::npos || colon > bracket);
    url.host = url.authority.substr(0, has_port ? colon : std::string::npos);
    url.port = has_port ? url.authority.substr(colon + 1) : url.tls ? "443" : "80";
    if (url.host.size() > 2 && url.host.front() == '[') url.host = url.host.substr(1, url.host.size() - 2);
    if (url.host.empty() || url.authority.find('@') != std::string::npos)
        return base::fail(base::Kind::invalid, "the URL must name a host");
    return url;
}

base::Result<std::shared_ptr<asio::ssl::context>> make_context(const std::string& ca_file) {
    auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
    error_code ec;
    if (ca_file.empty()) {
        context->set_default_verify_paths(ec);
    } else {
        context->load_verify_file(ca_file, ec);
    }
    if (!ec) context->set_verify_mode(asio::ssl::verify_peer, ec);
    if (ec) return base::fail(base::Kind::invalid, "the authority file " + ca_file + " cannot be used: " + ec.message());
    return context;
}

// Beast's time-outs work on asynchronous operations alone, so each call starts one and runs the context until it ends.
template <class Stream>
class ClientOf final : public LoadClient {
  public:
    ClientOf(Url url, const ClientOptions& options, std::shared_ptr<asio::ssl::context> tls)
        : url_(std::move(url)), token_(options.token), timeout_(options.timeout_s), tls_(std::move(tls)) {}

    base::Result<Answer> send(std::string_view method, std::string_view path, std::string_view body) override {
        error_code ec;
        // A kept connection may have been closed by the server meanwhile; then nothing was received, and it is tried anew
        // by the caller, who knows whether the request may be repeated.
        if (!stream_) ec = connect();
        if (ec) return failed(base::Kind::unavailable, "cannot connect to " + url_.authority, ec);
        ec = write(method, path, body);
        if (ec) return failed(base::Kind::unavailable, "the connection to " + url_.authority + " broke while sending", ec);
        beast_http::response_parser<beast_http::string_body> parser;
        parser.body_limit(kMaxAnswerBytes);
        ec = wait([&](auto done) { beast_http::async_read(*stream_, buffer_, parser, done); });
        if (ec) return failed(base::Kind::fault, url_.authority + " gave no answer", ec);
        auto response = parser.release();
        if (!response.keep_alive()) stream_.reset();
        Answer answer{static_cast<int>(response.result_int()), std::move(response.body()), std::nullopt};
        const auto after = response[beast_http::field::retry_after];
        int seconds = 0;
        if (!after.empty() && std::from_chars(after.data(), after.data() + after.size(), seconds).ec == std::errc())
            answer.retry_after_s = seconds;
        return answer;
    }

  private:
    template <class Start>
    error_code wait(Start start) {
        error_code result = asio::error::would_block;
        beast::get_lowest_layer(*stream_).expires_after(timeout_);
        start([&result](error_code ec, auto&&...) { result = ec; });
        context_.restart();
        context_.run();
        return result;
    }

    base::Result<Answer> failed(base::Kind kind, const std::string& what, error_code ec) {
        stream_.reset();
        return base::fail(kind, what + ": " + ec.message());
    }

    error_code connect() {
        buffer_.clear();
        error_code ec;
        tcp::resolver resolver(context_);
        const auto endpoints = resolver.resolve(url_.host, url_.port, ec);
        if (ec) return ec;
        if constexpr (std::is_same_v<Stream, beast::tcp_stream>) {
            stream_.emplace(context_);
        } else {
            stream_.emplace(context_, *tls_);
            if (SSL_set_tlsext_host_name(stream_->native_handle(), url_.host.c_str()) != 1) return asio::error::invalid_argument;
            stream_->set_verify_callback(asio::ssl::host_name_verification(url_.host), ec);
            if (ec) return ec;
        }
        ec = wait([&](auto done) { beast::get_lowest_layer(*stream_).async_connect(endpoints, done); });
        if (!ec) beast::get_lowest_layer(*stream_).socket().set_option(tcp::no_delay(true), ec);
        if constexpr (!std::is_same_v<Stream, beast::tcp_stream>) {
            if (!ec) ec = wait([&](auto done) { stream_->async_handshake(asio::ssl::stream_base::client, done); });
        }
        if (ec) stream_.reset();
        return ec;
    }

    error_code write(std::string_view method, std::string_view path, std::string_view body) {
        const auto verb = method == "PUT" ? beast_http::verb::put : beast_http::verb::post;
        beast_http::request<beast_http::span_body<const char>> request(verb, url_.path + std::string(path), 11);
        request.set(beast_http::field::host, url_.authority);
        request.set(beast_http::field::content_type, "application/fhir+json");
        request.set(beast_http::field::accept, "application/fhir+json");
        if (!token_.empty()) request.set(beast_http::field::authorization, "Bearer " + token_);
        request.body() = beast::span<const char>(body.data(), body.size());
        request.prepare_payload();
        if (request.target().empty()) request.target("/");
        return wait([&](auto done) { beast_http::async_write(*stream_, request, done); });
    }

    const Url url_;
    const std::string token_;
    const std::chrono::seconds timeout_;
    const std::shared_ptr<asio::ssl::context> tls_;
    asio::io_context context_{1};
    std::optional<Stream> stream_;
    beast::flat_buffer buffer_;
};

}  // namespace

base::Result<std::unique_ptr<LoadClient>> LoadClient::make(const ClientOptions& options) {
    auto url = parse_url(options.url);
    if (!url) return base::pass(url);
    if (options.token.find_first_of("\r\n") != std::string::npos) return base::fail(base::Kind::invalid, "the token holds a line end");
    if (!url->tls) return std::unique_ptr<LoadClient>(new ClientOf<beast::tcp_stream>(std::move(*url), options, nullptr));
    auto context = make_context(options.ca_file);
    if (!context) return base::pass(context);
    return std::unique_ptr<LoadClient>(new ClientOf<beast::ssl_stream<beast::tcp_stream>>(std::move(*url), options, std::move(*context)));
}

}  // namespace server
