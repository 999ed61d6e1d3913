// The control socket: one request, one reply, of any length that a command has.
#include "fhir/server/control.hpp"

#include <gtest/gtest.h>

#include "tests/support/files.hpp"

namespace {

using base::Kind;

TEST(Control, ALongReplyArrivesWhole) {
    const support::TempDir dir;
    const std::string exported(3'000'000, 'x');
    auto socket = server::ControlSocket::open(dir.string(), [&](const std::string& command, const json::Value&) -> base::Result<std::string> {
        if (command == "export") return exported;
        return base::fail(Kind::invalid, "there is no command " + command);
    });
    ASSERT_TRUE(socket);
    const auto reply = server::control(dir.string(), "export", {});
    ASSERT_TRUE(reply) << reply.error().diagnostics;
    EXPECT_EQ(*reply, exported);
    const auto refused = server::control(dir.string(), "nonsense", {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().diagnostics, "there is no command nonsense");
}

TEST(Control, ARequestThatIsTooLongIsRefused) {
    const support::TempDir dir;
    auto socket = server::ControlSocket::open(dir.string(), [](const std::string&, const json::Value&) -> base::Result<std::string> { return std::string("taken"); });
    ASSERT_TRUE(socket);
    json::Object arguments;
    arguments.set("why", std::string(100'000, 'x'));
    EXPECT_FALSE(server::control(dir.string(), "pause", std::move(arguments)));
    EXPECT_TRUE(server::control(dir.string(), "pause", {})) << "the next one is answered";
}

}  // namespace
