// kedge backup, kedge restore.
#include <filesystem>
#include <system_error>

#include "fhir/server/commands.hpp"
#include "fhir/server/control.hpp"
#include "fhir/server/operator_commands.hpp"
#include "fhir/server/say.hpp"

namespace server {

int run(const BackupOptions& options) {
    std::error_code error;
    const auto to = std::filesystem::absolute(options.to, error).string();
    json::Object arguments;
    arguments.set("to", to);
    const auto told = control(options.data_dir, "backup", std::move(arguments));
    if (told) return say(*told), 0;
    if (told.error().kind != base::Kind::not_found) return say_error(told.error());
    InstanceOptions open;
    open.data_dir = options.data_dir;
    open.offline = true;
    auto instance = Instance::open(open);
    if (!instance) return say_error(instance.error());
    const auto done = backup(**instance, to);
    if (!done) return say_error(done.error());
    say(*done);
    const auto drained = (*instance)->drain();
    return drained ? 0 : say_error(drained.error());
}

namespace {

// Of a directory that was empty before. False when something stays.
bool empty(const std::string& directory) {
    std::error_code error;
    std::vector<std::filesystem::path> names;
    for (std::filesystem::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) names.push_back(at->path());
    for (const auto& name : names) {
        if (!error) std::filesystem::remove_all(name, error);
    }
    return !error;
}

}  // namespace

// Copies, opens, and rebuilds what a backup does not carry: the derived indexes.
int run(const RestoreOptions& options) {
    namespace fs = std::filesystem;
    std::error_code error;
    if (fs::exists(unfinished_mark(options.from), error)) {
        return say_error({base::Kind::corrupt, options.from + " is an unfinished backup: kedge backup was interrupted there. Make another, or restore an older one", {}, {}});
    }
    if (!fs::exists(options.from + "/keys.db", error) || !fs::exists(options.from + "/records.db", error)) {
        return say_error({base::Kind::not_found, options.from + " is no backup of kedge: it lacks keys.db or records.db", {}, {}});
    }
    if (!fs::is_regular_file(options.root_key, error)) {
        return say_error({base::Kind::not_found, options.root_key + " is no file; name the root.key of the directory that was backed up", {}, {}});
    }
    fs::create_directories(options.data_dir, error);
    if (error || !fs::is_empty(options.data_dir, error)) {
        return say_error({base::Kind::conflict, options.data_dir + " is not empty; restore into a directory that is new or empty", {}, {}});
    }
    fs::copy(options.from, options.data_dir, fs::copy_options::recursive, error);
    if (!error) fs::copy_file(options.root_key, options.data_dir + "/root.key", error);
    if (!error) fs::permissions(options.data_dir + "/root.key", fs::perms::owner_read | fs::perms::owner_write, error);
    if (error) {
        const auto why = error.message();
        const auto left = empty(options.data_dir) ? "; nothing of it is left there" : "; a part of it is left there, and must go before you try again";
        return say_error({base::Kind::fault, "copy to " + options.data_dir + ": " + why + left, {}, {}});
    }
    if (const int reindexed = run(ReindexOptions{options.data_dir}); reindexed != 0) {
        say("the copy in " + options.data_dir + " is left as it is, for a look at it; empty the directory before you try again");
        return reindexed;
    }
    say("restored into " + options.data_dir + "; check it with: kedge fsck --data " + options.data_dir);
    if (fs::exists(options.data_dir + "/contracts.json", error))
        say("its ledger is a chain: before you serve it beside the server that it was copied from, run kedge ledger pause --data " +
            options.data_dir + ", or both anchor the same log and the chain refuses the second");
    return 0;
}

}  // namespace server
