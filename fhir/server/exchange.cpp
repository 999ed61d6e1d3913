#include "fhir/server/exchange.hpp"

#include "fhir/server/connection.hpp"
#include "storage/base/log.hpp"

namespace server {

http::Respond Exchange::respond_to(std::shared_ptr<Connection> connection) {
    return
        [exchange = std::make_shared<Exchange>(std::move(connection))](http::Response response) { exchange->answer(std::move(response)); };
}

void Exchange::answer(http::Response response) {
    if (answered_.exchange(true)) return base::log::error("a request was answered twice; the second answer was dropped");
    if (connection_->answer_inline(response)) return;
    auto& loop = connection_->loop();
    if (loop.in_loop_thread()) return connection_->on_response(std::move(response));
    loop.deliver(connection_, std::move(response));
}

Exchange::~Exchange() {
    if (answered_) return;
    base::log::error("a request was dropped without an answer; answered 500");
    answer(refusal(500, "exception", "the server lost track of this request; it was logged"));
}

}  // namespace server
