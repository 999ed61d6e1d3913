#include "fhir/server/transport.hpp"

#include "storage/base/error.hpp"

#include <boost/asio/ssl/stream.hpp>

namespace server {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

class PlainConnection final : public Connection {
  public:
    PlainConnection(tcp::socket socket, std::string address, std::shared_ptr<Shared> shared, std::shared_ptr<Loop> loop)
        : Connection(std::move(shared), std::move(loop), std::move(address), false), socket_(std::move(socket)) {}

  private:
    void start_handshake() override { CHECK(false); }
    void start_read(char* to, std::size_t size) override {
        socket_.async_read_some(asio::buffer(to, size),
                                [this, self = shared_from_this()](const error_code& ec, std::size_t n) { on_read(ec, n); });
    }
    void start_write(const Buffers& buffers) override {
        socket_.async_write_some(buffers, [this, self = shared_from_this()](const error_code& ec, std::size_t n) { on_write(ec, n); });
    }
    // Nearly every response fits the socket's buffer: one system call and no completion to wait for.
    std::size_t try_write(const Buffers& buffers, error_code& ec) override {
        const auto size = socket_.write_some(buffers, ec);
        if (ec == asio::error::would_block || ec == asio::error::try_again) ec = {};
        return size;
    }
    void start_shutdown() override {
        error_code ignored;  // a peer that is gone already shows in the read that follows
        socket_.shutdown(tcp::socket::shutdown_send, ignored);
        on_shutdown();
    }
    void close_socket() override {
        error_code ignored;  // the descriptor is released in any case
        socket_.close(ignored);
    }

    tcp::socket socket_;
};

class TlsConnection final : public Connection {
  public:
    TlsConnection(tcp::socket socket, std::string address, std::shared_ptr<Shared> shared, std::shared_ptr<Loop> loop,
                  std::shared_ptr<asio::ssl::context> context)
        : Connection(std::move(shared), std::move(loop), std::move(address), true),
          context_(std::move(context)),
          stream_(std::move(socket), *context_) {}

  private:
    void start_handshake() override {
        stream_.async_handshake(asio::ssl::stream_base::server,
                                [this, self = shared_from_this()](const error_code& ec) { on_handshake(ec); });
    }
    void start_read(char* to, std::size_t size) override {
        auto done = [this, self = shared_from_this()](const error_code& ec, std::size_t n) { on_read(ec, n); };
        if (closing_) {
            stream_.next_layer().async_read_some(asio::buffer(to, size), std::move(done));
        } else {
            stream_.async_read_some(asio::buffer(to, size), std::move(done));
        }
    }
    void start_write(const Buffers& buffers) override {
        // ssl::stream looks at the first buffer of a sequence only, so an empty one in front would write nothing.
        const auto& first = buffers[0].size() > 0 ? buffers[0] : buffers[1];
        stream_.async_write_some(asio::const_buffer(first),
                                 [this, self = shared_from_this()](const error_code& ec, std::size_t n) { on_write(ec, n); });
    }
    // A synchronous write on a socket that does not block would lose what OpenSSL has encrypted already.
    std::size_t try_write(const Buffers&, error_code&) override { return 0; }
    void start_shutdown() override {
        stream_.async_shutdown([this, self = shared_from_this()](const error_code& ec) {
            closing_ = true;
            if (!ec) return close();  // the peer said goodbye too
            error_code ignored;
            stream_.next_layer().shutdown(tcp::socket::shutdown_send, ignored);
            on_shutdown();  // what the client still sends is read over as bytes, no longer as TLS
        });
    }
    void close_socket() override {
        error_code ignored;
        stream_.next_layer().close(ignored);
    }

    std::shared_ptr<asio::ssl::context> context_;  // kept while in use, also after a reload
    asio::ssl::stream<tcp::socket> stream_;
    bool closing_ = false;
};

std::string text_of(const asio::ip::address& address) {
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
    return address.to_string();
}

}  // namespace

std::shared_ptr<Connection> make_connection(tcp::socket socket, std::shared_ptr<Shared> shared, std::shared_ptr<Loop> loop,
                                            std::shared_ptr<asio::ssl::context> tls) {
    error_code ec;
    const auto peer = socket.remote_endpoint(ec);
    if (ec) return nullptr;  // gone between accept and now
    socket.set_option(tcp::no_delay(true), ec);
    if (!ec) socket.non_blocking(true, ec);
    if (ec) return nullptr;
    auto address = text_of(peer.address());
    if (tls)
        return std::make_shared<TlsConnection>(std::move(socket), std::move(address), std::move(shared), std::move(loop), std::move(tls));
    return std::make_shared<PlainConnection>(std::move(socket), std::move(address), std::move(shared), std::move(loop));
}

}  // namespace server
