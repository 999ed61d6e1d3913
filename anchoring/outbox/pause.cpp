#include "anchoring/outbox/pause.hpp"

#include "storage/base/encoding.hpp"

#include <algorithm>

namespace outbox {

base::Status check_why(std::string_view why) {
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    if (!base::is_utf8(why) || std::any_of(why.begin(), why.end(), is_control))
        return base::fail(base::Kind::invalid, "the reason of a pause is one line of text, in UTF-8");
    if (why.size() > kMostWhyBytes)
        return base::fail(base::Kind::invalid, "the reason of a pause has " + std::to_string(why.size()) + " bytes; " +
                                                   std::to_string(kMostWhyBytes) + " are allowed");
    return {};
}

std::string to_text(const Pause& pause, bool with_why) {
    std::string out = "the relayer is paused since " + base::format_instant(pause.since_us);
    if (with_why && !pause.why.empty()) out += " (" + pause.why + ")";
    return out;
}

base::Status make_pause_table(store::Database& database) {
    return database.execute(
        "CREATE TABLE IF NOT EXISTS outbox_pause(id INTEGER PRIMARY KEY CHECK (id = 1), since_us INTEGER NOT NULL, why TEXT NOT NULL);");
}

base::Status write_pause(store::Database& database, const std::optional<Pause>& pause) {
    if (!pause) return database.execute("DELETE FROM outbox_pause");
    auto s = database.prepare("INSERT OR REPLACE INTO outbox_pause(id, since_us, why) VALUES(1, ?1, ?2)");
    if (!s) return base::pass(s);
    s->bind(1, pause->since_us).bind(2, std::string_view(pause->why));
    return s->run();
}

base::Result<std::optional<Pause>> read_pause(store::Database& database) {
    auto s = database.prepare("SELECT since_us, why FROM outbox_pause WHERE id = 1");
    if (!s) return base::pass(s);
    const auto there = s->step();
    if (!there) return base::pass(there);
    if (!*there) return std::optional<Pause>{};
    return std::optional<Pause>{Pause{s->integer(0), std::string(s->text(1))}};
}

}  // namespace outbox
