#include "fhir/server/control.hpp"

#include "storage/base/log.hpp"

#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace server {
namespace {

using base::Kind;

constexpr std::size_t kMaxRequest = 64 * 1024;
constexpr std::size_t kMaxReply = 256u << 20;  // an export has 350 bytes for each anchor there ever was
constexpr int kClientTimeoutMs = 10'000;

std::string socket_path(const std::string& dir) {
    return dir + "/control.sock";
}

// Unix socket addresses hold about a hundred bytes of path; a longer one is reached through the directory's descriptor.
struct Address {
    sockaddr_un un{};
    int directory = -1;
    explicit Address(const std::string& path) {
        un.sun_family = AF_UNIX;
        std::string shown = path;
        if (path.size() >= sizeof(un.sun_path)) {
            const auto slash = path.rfind('/');
            directory = ::open(path.substr(0, slash).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
            shown = "/proc/self/fd/" + std::to_string(directory) + path.substr(slash);
        }
        std::strncpy(un.sun_path, shown.c_str(), sizeof(un.sun_path) - 1);
    }
    ~Address() {
        if (directory >= 0) ::close(directory);
    }
    const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&un); }
};

bool wait_for(int descriptor, short events, int timeout_ms) {
    pollfd one{descriptor, events, 0};
    return ::poll(&one, 1, timeout_ms) == 1;
}

// Up to the line end; empty when the peer sends none in time, or more than `most` bytes before it.
std::string read_line(int descriptor, int timeout_ms, std::size_t most) {
    std::string out;
    std::array<char, 65536> chunk{};
    while (out.size() <= most) {
        if (!wait_for(descriptor, POLLIN, timeout_ms)) return {};
        const auto n = ::read(descriptor, chunk.data(), chunk.size());
        if (n <= 0) return {};
        const std::string_view part(chunk.data(), static_cast<std::size_t>(n));
        out += part.substr(0, part.find('\n'));
        if (part.find('\n') != part.npos) return out.size() <= most ? out : std::string();
    }
    return {};
}

bool write_all(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const auto n = ::send(descriptor, text.data(), text.size(), MSG_NOSIGNAL);
        if (n <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

std::string reply_line(const base::Result<std::string>& result) {
    json::Object out;
    out.set("ok", result.has_value());
    if (!result) out.set("kind", base::to_string(result.error().kind));
    out.set("message", result ? *result : result.error().diagnostics);
    return json::write(json::Value(std::move(out))) + "\n";
}

}  // namespace

base::Result<std::unique_ptr<ControlSocket>> ControlSocket::open(const std::string& dir, ControlHandler handler) {
    const auto path = socket_path(dir);
    ::unlink(path.c_str());  // we hold the directory's lock, so a socket that is there belongs to nobody
    const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return base::fail(Kind::fault, "control socket: " + std::string(std::strerror(errno)));
    const Address address(path);
    const auto old = ::umask(0177);
    const bool bound = ::bind(descriptor, address.get(), sizeof(sockaddr_un)) == 0 && ::listen(descriptor, 4) == 0;
    ::umask(old);
    std::array<int, 2> wake{};
    if (!bound || ::pipe2(wake.data(), O_CLOEXEC) != 0) {
        const auto why = std::string(std::strerror(errno));
        ::close(descriptor);
        return base::fail(Kind::fault, "control socket at " + path + ": " + why);
    }
    return std::unique_ptr<ControlSocket>(new ControlSocket(path, std::move(handler), descriptor, wake[0], wake[1]));
}

ControlSocket::ControlSocket(std::string path, ControlHandler handler, int descriptor, int wake_read, int wake_write)
    : path_(std::move(path)),
      handler_(std::move(handler)),
      descriptor_(descriptor),
      wake_read_(wake_read),
      wake_write_(wake_write),
      thread_([this] { run(); }) {}

ControlSocket::~ControlSocket() {
    const char stop = 'x';
    if (::write(wake_write_, &stop, 1) != 1) base::log::warn("control socket: could not wake its thread");
    thread_.join();
    for (const int descriptor : {descriptor_, wake_read_, wake_write_}) ::close(descriptor);
    ::unlink(path_.c_str());
}

void ControlSocket::run() {
    while (true) {
        std::array<pollfd, 2> waiting{pollfd{descriptor_, POLLIN, 0}, pollfd{wake_read_, POLLIN, 0}};
        if (::poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) return;
        if (waiting[1].revents != 0) return;
        if ((waiting[0].revents & POLLIN) == 0) continue;
        const int client = ::accept4(descriptor_, nullptr, nullptr, SOCK_CLOEXEC);
        if (client < 0) continue;
        serve(client);
        ::close(client);
    }
}

void ControlSocket::serve(int client) {
    const auto line = read_line(client, kClientTimeoutMs, kMaxRequest);
    const auto request = json::parse(line);
    base::Result<std::string> result = base::fail(Kind::invalid, "a control command is one JSON object on one line");
    if (request && request->is_object()) result = handler_(std::string(request->text("command")), *request);
    if (!write_all(client, reply_line(result))) base::log::warn("control socket: the operator left before the answer");
}

base::Result<std::string> control(const std::string& dir, const std::string& command, json::Object arguments) {
    const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return base::fail(Kind::fault, "control socket: " + std::string(std::strerror(errno)));
    const Address address(socket_path(dir));
    if (::connect(descriptor, address.get(), sizeof(sockaddr_un)) != 0) {
        ::close(descriptor);
        return base::fail(Kind::not_found, "no server runs on " + dir);
    }
    arguments.set_first("command", command);
    const bool sent = write_all(descriptor, json::write(json::Value(std::move(arguments))) + "\n");
    const auto line = sent ? read_line(descriptor, -1, kMaxReply) : std::string();
    ::close(descriptor);
    const auto reply = json::parse(line, {.bytes = kMaxReply});
    if (!reply) return base::fail(Kind::unavailable, "the server went away before it answered");
    const auto* ok = reply->find("ok");
    const std::string message(reply->text("message"));
    if (ok != nullptr && ok->if_bool() != nullptr && *ok->if_bool()) return message;
    return base::fail(Kind::conflict, message);
}

}  // namespace server
