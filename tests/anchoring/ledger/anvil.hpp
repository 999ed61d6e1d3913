// A real EVM node for tests: anvil (npm @foundry-rs/anvil), started on a free port of loopback and ended with the test.
#pragma once

#include "anchoring/ethereum/keccak.hpp"
#include "anchoring/ethereum/rpc_values.hpp"
#include "anchoring/ledger/deploy.hpp"
#include "anchoring/ledger/evm.hpp"

#include <chrono>
#include <filesystem>
#include <thread>

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace evm_test {

inline constexpr std::uint64_t kChain = 31337;

inline std::string anvil_binary() {
    if (const char* given = std::getenv("KEDGE_ANVIL")) return given;
    return std::string(KEDGE_SOURCE_DIR) + "/deploy/npm-contracts/node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil";
}

class Anvil {
  public:
    // `extra`: more of its command line.
    explicit Anvil(std::vector<std::string> extra = {}) {
        port_ = free_port();
        std::vector<std::string> words{anvil_binary(),        "--host",   "127.0.0.1", "--port",
                                       std::to_string(port_), "--silent", "--order",   "fifo"};
        words.insert(words.end(), extra.begin(), extra.end());
        std::vector<char*> argv;
        for (auto& word : words) argv.push_back(word.data());
        argv.push_back(nullptr);
        child_ = fork();
        if (child_ == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            const int null = open("/dev/null", O_RDWR);
            dup2(null, 1);
            dup2(null, 2);
            execv(argv[0], argv.data());
            _exit(127);
        }
        options_.urls = {"http://127.0.0.1:" + std::to_string(port_)};
        options_.timeout_ms = 10'000;
        client_ = std::move(ethereum::RpcClient::open(options_).value());
        for (int i = 0; i < 300 && !client_->call("eth_chainId", {}); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    ~Anvil() {
        kill(child_, SIGKILL);
        waitpid(child_, nullptr, 0);
    }

    const ethereum::RpcOptions& options() const { return options_; }
    ethereum::RpcClient& client() { return *client_; }
    json::Value call(std::string_view method, json::Array params = {}) {
        auto answer = client_->call(method, std::move(params));
        EXPECT_TRUE(answer) << answer.error().diagnostics;
        return answer ? std::move(*answer) : json::Value{};
    }
    void mine(std::uint64_t blocks = 1) { call("anvil_mine", {ethereum::to_quantity(blocks)}); }
    void fund(const ethereum::Address& who, const char* wei = "0x56bc75e2d63100000") {
        call("anvil_setBalance", {ethereum::to_data(who.bytes), wei});
    }
    // The last `depth` blocks are replaced by empty ones.
    void reorganise(std::uint64_t depth) { call("anvil_reorg", {json::Value::number(static_cast<std::int64_t>(depth)), json::Array{}}); }

  private:
    static std::uint16_t free_port() {
        const int s = socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof at;
        EXPECT_EQ(bind(s, reinterpret_cast<sockaddr*>(&at), size), 0);
        EXPECT_EQ(getsockname(s, reinterpret_cast<sockaddr*>(&at), &size), 0);
        close(s);
        return ntohs(at.sin_port);
    }

    std::uint16_t port_ = 0;
    pid_t child_ = -1;
    ethereum::RpcOptions options_;
    std::unique_ptr<ethereum::RpcClient> client_;
};

// anvil with both contracts, and the ledger over it.
struct OnAnvil : testing::Test {
    std::unique_ptr<Anvil> anvil;
    ethereum::Signer deployer = ethereum::Signer::from_secret(ethereum::keccak256("deployer")).value();
    ledger::Deployment deployed;
    ledger::EvmOptions evm_options;
    std::unique_ptr<ledger::Evm> evm;

    void SetUp() override {
        if (!std::filesystem::exists(anvil_binary())) {
            GTEST_SKIP() << "no anvil here: (cd deploy/npm-contracts && npm ci --ignore-scripts), or set KEDGE_ANVIL";
        }
        start({});
    }
    void start(std::vector<std::string> extra) {
        anvil = std::make_unique<Anvil>(std::move(extra));
        anvil->fund(deployer.address());
        ledger::DeployOptions how;
        how.chain_id = kChain;
        how.poll_ms = 20;
        auto done = ledger::deploy(anvil->client(), deployer, how);
        ASSERT_TRUE(done) << done.error().diagnostics;
        deployed = std::move(*done);
        evm_options.rpc = anvil->options();
        evm_options.contracts = deployed.contracts;
        evm_options.chain_id = kChain;
        evm_options.finality = ledger::EvmOptions::Finality::latest_minus;
        evm_options.confirmations = 3;
        open();
    }
    // anvil answers a submission a moment before its block is there.
    base::Result<std::optional<ledger::Receipt>> receipt_of(const ledger::Hash& hash) {
        for (int i = 0;; ++i) {
            auto receipt = evm->receipt(hash);
            if (i == 1000 || !receipt || *receipt) return receipt;
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
        }
    }
    void open() {
        auto opened = ledger::Evm::open(evm_options);
        ASSERT_TRUE(opened) << opened.error().diagnostics;
        evm = std::move(*opened);
    }
};

}  // namespace evm_test
