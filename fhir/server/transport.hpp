// The two ways bytes travel: plain TCP and TLS.
#pragma once

#include "fhir/server/connection.hpp"

#include <memory>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

namespace server {

// `socket` belongs to the loop's context and is connected. With `tls` the connection begins with a handshake.
std::shared_ptr<Connection> make_connection(boost::asio::ip::tcp::socket socket, std::shared_ptr<Shared> shared, std::shared_ptr<Loop> loop,
                                            std::shared_ptr<boost::asio::ssl::context> tls);

}  // namespace server
