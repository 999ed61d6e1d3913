// The operator's door into a running server: a Unix socket in the data directory, mode 0600, one JSON line each way. What must be done
// by the process that holds the directory (backup while serving, erasing a patient) is asked for here by `kedge backup` and `kedge keys`.
#pragma once

#include "storage/base/json.hpp"

#include <functional>
#include <memory>
#include <string>
#include <thread>

namespace server {

// Carries out one command; the text of success is shown to the operator.
using ControlHandler = std::function<base::Result<std::string>(const std::string& command, const json::Value& arguments)>;

class ControlSocket {
  public:
    // Listens at DIR/control.sock; one command at a time. Error: Kind::fault when the socket cannot be made.
    static base::Result<std::unique_ptr<ControlSocket>> open(const std::string& dir, ControlHandler handler);
    ~ControlSocket();  // stops listening, takes the socket away

  private:
    ControlSocket(std::string path, ControlHandler handler, int descriptor, int wake_read, int wake_write);
    void run();
    void serve(int client);

    std::string path_;
    ControlHandler handler_;
    int descriptor_, wake_read_, wake_write_;
    std::thread thread_;
};

// Asks the server that holds `dir`. Errors: Kind::not_found when no server listens there; Kind::unavailable when it went away
// before it answered; Kind::conflict with the server's own words when it refuses.
base::Result<std::string> control(const std::string& dir, const std::string& command, json::Object arguments);

}  // namespace server
