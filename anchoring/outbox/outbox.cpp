#include "anchoring/outbox/outbox_impl.hpp"
#include "storage/base/log.hpp"

namespace outbox {

using base::Kind;

namespace {

constexpr std::size_t kRowsPerPass = 1000;

Row shown(const FullRow& row) {
    return row;
}

}  // namespace

std::string_view to_string(State state) {
    switch (state) {
        case State::queued:
            return "queued";
        case State::sent:
            return "sent";
        case State::mined:
            return "mined";
        case State::final:
            return "final";
        case State::refused:
            return "refused";
    }
    return "unknown";
}

base::Status Outbox::Impl::pass(std::int64_t resend_after_us) {
    std::lock_guard one(pass_mutex);
    // Rounds: what was numbered anew can be sent at once, and a full table is taken in parts.
    for (int round = 0; round < 64; ++round) {
        auto rows = [&] {
            std::lock_guard lock(reader_mutex);
            return open_rows(reader, account, kRowsPerPass);
        }();
        if (!rows) return base::pass(rows);
        if (rows->empty()) return {};
        if (!gate.is_closed()) {
            fees_of_now();
            if (auto done = sign_waiting(*rows); !done) return done;
        }
        auto found =
            ask(ledger, account.sender, std::move(*rows),
                {clock.now_us(), resend_after_us, options.bump_after_us, options.most_fee_per_gas, prepares() ? options.most_under_way : 0},
                resent, gate);
        resend_after_us = options.resend_after_us;  // once is enough
        if (found.prepare) fees_of_now();
        if (!found.empty()) {
            auto written = in_unit([&](store::Unit& unit) { return write(unit.database(), found); });
            if (!written) return written;
            std::vector<Row> told;
            for (const auto& row : found.changed) told.push_back(shown(row));
            for (const auto& listener : listeners) listener(told);
        }
        if (found.stopped) return tl::unexpected(*found.stopped);
        const bool more_to_send =
            found.renumber_from || found.prepare ||
            std::any_of(found.changed.begin(), found.changed.end(), [](const FullRow& row) { return row.state == State::final; });
        if (found.doubt && (found.empty() || !more_to_send)) return tl::unexpected(*found.doubt);
        if (found.empty() || !more_to_send) return {};
    }
    return {};
}

void Outbox::Impl::refresh_fees() {
    const auto suggested = ledger.fees();
    if (!suggested) return;
    std::lock_guard lock(fees_mutex);
    fees = *suggested;
}

// Nobody asked for them while the relayer was paused, and what waited is signed with them.
void Outbox::Impl::fees_of_now() {
    if (fees_are_old.exchange(false)) refresh_fees();
}

void Outbox::Impl::loop() {
    int failures = 0;
    std::unique_lock lock(wake_mutex);
    while (!stopping) {
        // After a failure the wait doubles, to half a minute; a kick does not shorten it, or a busy server would hammer a sick ledger.
        const auto wait = std::chrono::milliseconds(std::min<std::int64_t>(30'000, std::int64_t{options.poll_ms} << std::min(failures, 5)));
        wake.wait_for(lock, wait, [&] { return stopping || (kicked && failures == 0); });
        if (stopping) return;
        kicked = false;
        lock.unlock();
        if (!gate.is_closed()) refresh_fees();
        const auto done = pass(options.resend_after_us);
        if (!done) base::log::warn("outbox: " + std::string(base::to_string(done.error().kind)) + ": " + done.error().diagnostics);
        failures = done ? 0 : failures + 1;
        lock.lock();
    }
}

Outbox::Outbox(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Outbox::~Outbox() {
    stop();
}

base::Result<std::unique_ptr<Outbox>> Outbox::open(const Options& options, store::Store& store, store::KeyRing& keys,
                                                   ledger::Ledger& ledger, const base::Clock& clock) {
    auto signer = ethereum::Signer::from_secret(keys.derived("relayer").view());
    if (!signer) return base::pass(signer);
    return open(options, store, keys, ledger, std::move(*signer), clock);
}

base::Result<std::unique_ptr<Outbox>> Outbox::open(const Options& options, store::Store& store, store::KeyRing& keys,
                                                   ledger::Ledger& ledger, ethereum::Signer relayer, const base::Clock& clock) {
    store::OpenOptions read_only;
    read_only.read_only = true;
    auto reader = store::Database::open(options.dir + "/records.db", keys.derived("db:records"), read_only);
    if (!reader) return base::pass(reader);
    auto impl = std::make_unique<Impl>(options, store, ledger, clock, std::move(relayer), std::move(*reader));
    const auto count = ledger.transaction_count(impl->account.sender);
    if (!count && count.error().kind != Kind::unavailable) return base::pass(count);
    if (count) impl->first_nonce = *count;
    if (const auto suggested = ledger.fees()) impl->fees = *suggested;
    std::int64_t strangers = 0;
    auto made = impl->in_unit([&](store::Unit& unit) -> base::Status {
        if (auto done = make_table(unit.database()); !done) return done;
        if (auto done = make_pause_table(unit.database()); !done) return done;
        auto paused = read_pause(unit.database());
        if (!paused) return base::pass(paused);
        impl->pause = std::move(*paused);
        if (impl->pause) impl->hold();
        if (options.only_looking) return {};
        auto refused =
            refuse_strangers(unit.database(), impl->account, "the server was set to another ledger or relayer before this was mined");
        if (!refused) return base::pass(refused);
        strangers = *refused;
        return {};
    });
    if (!made) return base::pass(made);
    if (strangers > 0) base::log::warn("outbox: " + std::to_string(strangers) + " transactions of another ledger or relayer were given up");
    return std::unique_ptr<Outbox>(new Outbox(std::move(impl)));
}

base::Result<Queued> Outbox::enqueue(store::Database& in_unit, const Call& call) {
    const auto waiting = count_waiting(in_unit, impl_->options.most_waiting);
    if (!waiting) return base::pass(waiting);
    if (*waiting >= impl_->options.most_waiting && !call.urgent) {
        const std::string why = impl_->gate.is_closed() ? "the relayer is paused by an operator: " : "the ledger is behind: ";
        return base::fail(Kind::unavailable, why + std::to_string(*waiting) + " transactions wait, which is the limit; try again");
    }
    const auto nonce = impl_->next_nonce(in_unit);
    if (!nonce) return base::pass(nonce);
    FullRow row;
    row.nonce = *nonce;
    row.kind = call.kind;
    row.to = call.to;
    row.data = call.data;
    row.gas_limit = call.gas_limit;
    row.fees = impl_->offered();
    if (auto done = impl_->sign(row); !done) return base::pass(done);
    const auto id = insert(in_unit, impl_->account, row);
    if (!id) return base::pass(id);
    return Queued{*id, *nonce, row.txn_hash, std::move(row.raw)};
}

void Outbox::kick() {
    {
        std::lock_guard lock(impl_->wake_mutex);
        impl_->kicked = true;
    }
    impl_->wake.notify_one();
}

void Outbox::start() {
    CHECK(!impl_->thread.joinable());
    if (const auto pause = impl_->paused()) base::log::warn(to_text(*pause, true) + ", " + std::string(kPauseMeans));
    impl_->stopping = false;
    impl_->kicked = true;  // what waited while the server was down
    impl_->thread = std::thread([this] { impl_->loop(); });
}

void Outbox::stop() {
    {
        std::lock_guard lock(impl_->wake_mutex);
        impl_->stopping = true;
    }
    impl_->wake.notify_one();
    if (impl_->thread.joinable()) impl_->thread.join();
}

base::Status Outbox::pass() {
    return impl_->pass(impl_->options.resend_after_us);
}

base::Result<std::optional<Row>> Outbox::find(std::uint64_t id) {
    std::lock_guard lock(impl_->reader_mutex);
    const auto row = outbox::find(impl_->reader, id);
    if (!row) return base::pass(row);
    if (!*row) return std::optional<Row>{};
    return std::optional<Row>{shown(**row)};
}

base::Status Outbox::resend() {
    if (const auto pause = impl_->paused())
        return base::fail(Kind::conflict, to_text(*pause, true) + ": nothing was sent; `kedge ledger resume` sends all that waits");
    return impl_->pass(0);
}

base::Result<std::size_t> Outbox::open_count() {
    std::lock_guard lock(impl_->reader_mutex);
    return count_open(impl_->reader, impl_->account);
}

base::Result<std::size_t> Outbox::waiting() {
    std::lock_guard lock(impl_->reader_mutex);
    return count_waiting(impl_->reader, impl_->options.most_waiting);
}

base::Result<bool> Outbox::Impl::set_pause(std::optional<Pause> wanted, const store::Store::Work& also) {
    if (paused().has_value() == wanted.has_value()) return false;
    const auto written = in_unit([&](store::Unit& unit) -> base::Status {
        if (auto done = write_pause(unit.database(), wanted); !done) return done;
        return also ? also(unit) : base::Status{};
    });
    if (!written) return base::pass(written);
    std::lock_guard lock(pause_mutex);
    pause = std::move(wanted);
    return true;
}

base::Result<bool> Outbox::pause(std::string_view why, const store::Store::Work& also) {
    if (auto good = check_why(why); !good) return base::pass(good);
    std::lock_guard one(impl_->pausing_mutex);
    impl_->hold();  // first, so that nothing goes out any more when it is written down
    const auto changed = impl_->set_pause(Pause{impl_->clock.now_us(), std::string(why)}, also);
    if (!changed)
        impl_->gate.open();
    else if (*changed && !impl_->options.only_looking)
        base::log::warn(to_text(*impl_->paused(), true) + ", " + std::string(kPauseMeans));
    return changed;
}

base::Result<bool> Outbox::resume(const store::Store::Work& also) {
    std::lock_guard one(impl_->pausing_mutex);
    const auto changed = impl_->set_pause({}, also);
    if (!changed) return changed;
    impl_->gate.open();
    if (*changed && !impl_->options.only_looking) base::log::info("the relayer is resumed: what waits is sent");
    kick();
    return changed;
}

std::optional<Pause> Outbox::paused() const {
    return impl_->paused();
}

void Outbox::listen(std::function<void(const std::vector<Row>&)> listener) {
    impl_->listeners.push_back(std::move(listener));
}

const Address& Outbox::relayer() const {
    return impl_->account.sender;
}

}  // namespace outbox
