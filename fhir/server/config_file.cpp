// The TOML half of the configuration; the only file that sees toml++.
#include "fhir/server/config.hpp"
#include "fhir/server/settings.hpp"
#include "storage/base/file.hpp"


#include <toml++/toml.h>

namespace server {
namespace {

std::string place(std::string_view name, const toml::source_region& source) {
    return std::string(name) + " line " + std::to_string(source.begin.line) + ": ";
}

base::Status fail_at(std::string_view name, const toml::source_region& source, const std::string& what) {
    return base::fail(base::Kind::invalid, place(name, source) + what);
}

bool is_section(std::string_view path) {
    for (const auto& setting : settings()) {
        if (setting.key.size() > path.size() && setting.key.substr(0, path.size()) == path && setting.key[path.size()] == '.') return true;
    }
    return false;
}

base::Status apply_value(Config& config, const std::string& key, const toml::node& node, std::string_view name) {
    const auto* setting = find_setting(key);
    if (!setting) return fail_at(name, node.source(), "there is no setting " + key);
    const auto field = setting->field(config);
    const bool wants_text = std::holds_alternative<std::string*>(field);
    const bool wants_bool = std::holds_alternative<bool*>(field);
    std::string text;
    if (const auto* string = node.as_string(); string && wants_text) {
        text = string->get();
    } else if (const auto* boolean = node.as_boolean(); boolean && wants_bool) {
        text = boolean->get() ? "true" : "false";
    } else if (const auto* integer = node.as_integer(); integer && !wants_text && !wants_bool) {
        text = std::to_string(integer->get());
    } else {
        return fail_at(name, node.source(),
                       key + " takes " +
                           (wants_text   ? "a string in quotes"
                            : wants_bool ? "true or false"
                                         : "a whole number"));
    }
    if (auto applied = setting->set(config, text); !applied) return fail_at(name, node.source(), applied.error().diagnostics);
    return {};
}

base::Status apply_table(Config& config, const std::string& prefix, const toml::table& table, std::string_view name) {
    for (const auto& [key, node] : table) {
        const auto path = prefix + std::string(key.str());
        base::Status applied;
        if (const auto* section = node.as_table()) {
            if (!is_section(path)) return fail_at(name, key.source(), "there is no section " + path);
            applied = apply_table(config, path + ".", *section, name);
        } else {
            applied = apply_value(config, path, node, name);
        }
        if (!applied) return applied;
    }
    return {};
}

}  // namespace

base::Status apply_toml(Config& config, std::string_view text, std::string_view name) {
    try {
        return apply_table(config, "", toml::parse(text), name);
    } catch (const toml::parse_error& e) {
        return fail_at(name, e.source(), std::string(e.description()));
    }
}

base::Status apply_file(Config& config, const std::string& path) {
    const auto text = base::read_file(path);
    if (!text) return base::pass(text);
    return apply_toml(config, *text, path);
}

}  // namespace server
