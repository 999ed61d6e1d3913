// kedge convert: a resource from one of FHIR's forms into the other. Works on files alone; no server, no store.
#include "fhir/codec/xml.hpp"
#include "fhir/server/commands.hpp"
#include "fhir/server/input.hpp"
#include "fhir/server/say.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace server {
namespace {

using base::Kind;

base::Result<std::string> converted(const ConvertOptions& options) {
    const json::Limits limits;
    auto text = read_input(options.file, limits.bytes);
    if (!text) return text;
    auto tree = codec::from_either(*text, limits);
    if (!tree) return base::pass(tree);
    if (options.to == "xml") return codec::to_xml(*tree, options.pretty ? codec::XmlStyle::pretty : codec::XmlStyle::compact);
    return options.pretty ? json::write_pretty(*tree) : json::write(*tree);
}

}  // namespace

int run(const ConvertOptions& options) {
    auto text = converted(options);
    if (!text) {
        auto error = text.error();
        if (!error.expression.empty()) error.diagnostics += " (at " + error.expression.front() + ")";
        error.diagnostics = options.file + ": " + error.diagnostics;
        return say_error(error);
    }
    if (!text->ends_with('\n')) *text += '\n';
    const bool written = std::fwrite(text->data(), 1, text->size(), stdout) == text->size() && std::fflush(stdout) == 0;
    return written ? 0 : say_error(base::Error{Kind::fault, std::string("cannot write the answer: ") + std::strerror(errno), {}, {}});
}

}  // namespace server
