// The one answer to one request: what a http::Respond holds.
#pragma once

#include "fhir/http/response.hpp"

#include <atomic>
#include <memory>

namespace server {

class Connection;

// Any thread. The first answer goes to the connection; later ones are logged and dropped; none at all becomes a 500 when
// the last copy of the Respond goes.
class Exchange {
  public:
    explicit Exchange(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}
    ~Exchange();
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;
    static http::Respond respond_to(std::shared_ptr<Connection> connection);

  private:
    void answer(http::Response response);
    std::shared_ptr<Connection> connection_;
    std::atomic<bool> answered_{false};
};

}  // namespace server
