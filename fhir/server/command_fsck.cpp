// kedge fsck: everything that rests, and whether the record store and the audit chain tell the same story.
#include <map>

#include "fhir/server/commands.hpp"
#include "fhir/server/instance.hpp"
#include "fhir/server/say.hpp"
#include "storage/base/encoding.hpp"

namespace server {
namespace {

using Each = std::function<void(const std::string&)>;

std::string name_of(const proof::Written& w) {
    return "record " + base::to_hex(w.record) + " version " + std::to_string(w.version) + " (seq " + std::to_string(w.seq) + ")";
}

// What the chain says was written, by place in the order. Opening has appended what a crash kept in the journal.
base::Result<std::map<std::uint64_t, proof::Written>> chained_writes(Instance& instance, const Each& each) {
    std::map<std::uint64_t, proof::Written> out;
    auto walked = instance.log->walk_writes([&](const proof::Written& w) -> base::Status {
        const auto [at, fresh] = out.emplace(w.seq, w);
        if (!fresh && (at->second.ciphertext_hash != w.ciphertext_hash || at->second.record != w.record)) {
            each("audit chain: two different writes claim seq " + std::to_string(w.seq) + ": " + name_of(at->second) + " and " + name_of(w));
        }
        return {};
    });
    if (!walked) return base::pass(walked);
    return out;
}

// Record rows against the chain, both ways: a changed, swapped or rolled-back row differs, a deleted or truncated one is missing, an
// inserted one has no entry.
base::Result<std::size_t> compare(Instance& instance, const Each& each) {
    std::size_t findings = 0;
    const Each found = [&](const std::string& sentence) {
        ++findings;
        each(sentence);
    };
    auto chained = chained_writes(instance, found);
    if (!chained) return base::pass(chained);
    auto walked = instance.store->walk([&](std::uint64_t seq, const store::RecordId& id, const store::Version& version) -> base::Status {
        const auto entry = chained->find(seq);
        if (entry == chained->end()) {
            found("record " + base::to_hex(id) + " version " + std::to_string(version.version) + " (seq " + std::to_string(seq) +
                  ") stands in the store, but the audit chain never saw it written");
            return {};
        }
        const auto& w = entry->second;
        if (w.record != id || w.version != version.version || w.deleted != version.deleted || w.ciphertext_hash != version.ciphertext_hash) {
            found(name_of(w) + " is not what the audit chain saw written: the row was changed, swapped or rolled back");
        }
        chained->erase(entry);
        return {};
    });
    if (!walked) return base::pass(walked);
    for (const auto& [seq, w] : *chained) found(name_of(w) + " was written, says the audit chain, but is missing from the store, or does not open there");
    return findings;
}

// A directory that does not open is the one whose owner most wants to know where: the audit log is walked all the same.
int name_what_stops_it(const std::string& dir, const base::Error& error) {
    // unavailable: opening writes a little, and the store has stopped at what it found.
    if (error.kind != base::Kind::corrupt && error.kind != base::Kind::unavailable) return say_error(error);
    say("fsck: " + error.diagnostics);
    const base::SystemClock clock;
    const auto keys = store::KeyRing::open(keys_dir(dir), clock);
    if (!keys) return say_error(keys.error());
    chain::LogOptions log;
    log.dir = audit_dir(dir);
    const Each each = [](const std::string& sentence) { say("fsck: " + sentence); };
    std::size_t findings = 1 + store::Store::fsck_pages(dir, **keys, each);
    const auto walked = chain::fsck_directory(log, **keys, each);
    if (walked) findings += *walked;
    else say("fsck: audit chain: " + walked.error().diagnostics);
    say("fsck: the directory does not open, so rows and ledger were not looked at; " + std::to_string(findings) + " finding(s)");
    return 1;
}

}  // namespace

int run(const FsckOptions& options) {
    InstanceOptions open;
    open.data_dir = options.data_dir;
    open.offline = true;
    auto instance = Instance::open(open);
    if (!instance) return name_what_stops_it(open.data_dir, instance.error());
    std::size_t findings = 0;
    const Each each = [](const std::string& sentence) { say("fsck: " + sentence); };
    const auto add = [&](const char* what, const base::Result<std::size_t>& result) {
        if (!result) {
            ++findings;
            return say(std::string("fsck: ") + what + ": " + result.error().diagnostics);
        }
        findings += *result;
    };
    add("keys", (*instance)->keys->fsck(each));
    add("records", (*instance)->store->fsck(each));
    add("audit chain", (*instance)->log->fsck(each));
    add("records against the audit chain", compare(**instance, each));
    std::string blocks = "no ledger block of its own (the ledger is a chain elsewhere)";
    if ((*instance)->embedded != nullptr) {
        const auto ledger = (*instance)->embedded->verify_all();
        if (!ledger) add("ledger", base::pass(ledger));
        blocks = std::to_string(ledger ? ledger->blocks : 0) + " ledger blocks";
    }
    say("fsck: " + std::to_string((*instance)->log->size()) + " audit entries, " + blocks + "; " + (findings == 0 ? "clean" : std::to_string(findings) + " finding(s)"));
    return findings == 0 ? 0 : 1;
}

}  // namespace server
