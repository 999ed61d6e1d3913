#include "fhir/validate/package.hpp"

#include <algorithm>
#include <memory>

#include <zlib.h>

namespace validate {
namespace {

using base::Kind;

constexpr std::size_t kLimitBytes = std::size_t{1} << 30;
constexpr std::size_t kBlock = 512;

base::Result<std::string> unpack(const std::string& path) {
    const std::unique_ptr<gzFile_s, int (*)(gzFile)> file(gzopen(path.c_str(), "rb"), gzclose);
    if (!file) return base::fail(Kind::not_found, "cannot read the package " + path);
    std::string out;
    std::string piece(1 << 18, '\0');
    while (true) {
        const int count = gzread(file.get(), piece.data(), static_cast<unsigned>(piece.size()));
        if (count < 0) return base::fail(Kind::invalid, path + " is no gzipped file, or it is damaged");
        if (count == 0) break;
        out.append(piece, 0, static_cast<std::size_t>(count));
        if (out.size() > kLimitBytes) return base::fail(Kind::too_large, path + " unpacks to more than 1 GB");
    }
    // gzread passes a cut file over in silence; the end tells.
    int error = Z_OK;
    gzerror(file.get(), &error);
    if (error != Z_OK && error != Z_STREAM_END) return base::fail(Kind::invalid, path + " is cut off or damaged");
    return out;
}

// An octal number, padded by blanks or NULs; npos when it is none.
std::size_t octal(std::string_view field) {
    std::size_t out = 0;
    bool any = false;
    for (const char c : field) {
        if (c >= '0' && c <= '7') {
            out = out * 8 + static_cast<std::size_t>(c - '0');
            any = true;
        } else if (any) {
            break;
        } else if (c != ' ') {
            return std::string::npos;
        }
    }
    return any ? out : std::string::npos;
}

std::string_view text_of(std::string_view field) {
    return field.substr(0, field.find('\0'));
}

bool wanted(std::string_view name) {
    constexpr std::string_view kFolder = "package/";
    if (!name.starts_with(kFolder) || !name.ends_with(".json")) return false;
    name.remove_prefix(kFolder.size());
    return name.find('/') == std::string_view::npos && name != "package.json" && !name.starts_with('.');
}

}  // namespace

base::Status read_package(const std::string& path, const std::function<base::Status(const std::string&, std::string_view)>& each) {
    const auto unpacked = unpack(path);
    if (!unpacked) return base::pass(unpacked);
    std::string_view rest = *unpacked;
    std::size_t files = 0;
    // ustar: a header block, then the content in whole blocks; two empty blocks end it. Long names of other flavours do not occur in packages.
    while (rest.size() >= kBlock && rest.front() != '\0') {
        const auto header = rest.substr(0, kBlock);
        const auto size = octal(header.substr(124, 12));
        if (size == std::string::npos || size > rest.size() - kBlock) return base::fail(Kind::invalid, path + " holds no tar archive, or it is cut off");
        std::string name(text_of(header.substr(0, 100)));
        if (header.substr(257, 5) == "ustar" && header[345] != '\0') name = std::string(text_of(header.substr(345, 155))) + "/" + name;
        const char kind = header[156];
        if ((kind == '0' || kind == '\0') && wanted(name)) {
            ++files;
            if (auto done = each(name, rest.substr(kBlock, size)); !done) return base::fail(done.error().kind, path + ": " + done.error().diagnostics);
        }
        rest.remove_prefix(std::min(rest.size(), kBlock + (size + kBlock - 1) / kBlock * kBlock));
    }
    if (files == 0) return base::fail(Kind::invalid, path + " holds no FHIR package: there is no package/*.json in it");
    return {};
}

}  // namespace validate
