#include "fhir/codec/links.hpp"

#include "fhir/codec/references.hpp"
#include "fhir/codec/walk.hpp"

#include <optional>

namespace codec {
namespace {

class Rewriter {
  public:
    Rewriter(const LinkMap& links, std::string_view full_url) : links_(links) {
        const auto own = parse_reference(full_url, {});
        if (own.form != Reference::Form::external || own.type.empty()) return;
        // Everything before "Type/id", with its slash: the base that the source server's relative references stand on.
        base_ = full_url.substr(0, static_cast<std::size_t>(own.type.data() - full_url.data()));
    }

    std::size_t replaced() const { return replaced_; }

    void operator()(Link link, std::string& text) {
        if (link == Link::narrative) return narrative(text);
        const auto found = link == Link::uri ? exact(text) : reference(text);
        if (!found) return;
        text = *found;
        ++replaced_;
    }

  private:
    std::optional<std::string> exact(std::string_view text) const {
        const auto found = links_.find(text);
        if (found == links_.end()) return std::nullopt;
        return found->second.reference;
    }

    std::optional<std::string> reference(std::string_view text) const {
        if (text.empty() || text.front() == '#') return std::nullopt;
        const auto history = text.rfind("/_history/");
        const auto target = text.substr(0, history);
        auto found = links_.find(target);
        if (found == links_.end() && !base_.empty() && parse_reference(target, {}).form == Reference::Form::local) {
            found = links_.find(std::string(base_).append(target));
        }
        if (found == links_.end()) return std::nullopt;
        if (history == std::string_view::npos) return found->second.reference;
        return found->second.reference + "/_history/" + found->second.version;
    }

    // A small scan instead of an XML parser: it looks at the attributes of <a> and <img> alone and copies all else as it is.
    void narrative(std::string& div) {
        std::string out;
        std::size_t copied = 0, at = 0;
        while ((at = div.find('<', at)) != std::string::npos) {
            const auto tag_end = div.find_first_of(" \t\r\n/>", at + 1);
            if (tag_end == std::string::npos) break;
            const auto tag = std::string_view(div).substr(at + 1, tag_end - at - 1);
            const std::string_view wanted = tag == "a" ? "href" : tag == "img" ? "src" : "";
            at = tag_end;
            while (!wanted.empty() && at < div.size() && div[at] != '>') {
                const auto name_at = div.find_first_not_of(" \t\r\n/", at);
                const auto equals = name_at == std::string::npos ? name_at : div.find_first_of("=>", name_at);
                if (equals == std::string::npos || div[equals] == '>') {
                    at = equals == std::string::npos ? div.size() : equals;
                    break;
                }
                const auto quote = div.find_first_of("\"'", equals);
                const auto close = quote == std::string::npos ? quote : div.find(div[quote], quote + 1);
                if (close == std::string::npos) {
                    at = div.size();
                    break;
                }
                const auto name_end = div.find_first_of(" \t\r\n=", name_at);
                const auto value = std::string_view(div).substr(quote + 1, close - quote - 1);
                const auto found = div.compare(name_at, name_end - name_at, wanted) == 0 ? reference(value) : std::nullopt;
                if (found) {
                    out.append(div, copied, quote + 1 - copied).append(*found);
                    copied = close;
                    ++replaced_;
                }
                at = close + 1;
            }
        }
        if (copied > 0) div = out.append(div, copied);
    }

    const LinkMap& links_;
    std::string_view base_;
    std::size_t replaced_ = 0;
};

}  // namespace

std::size_t rewrite_links(json::Value& resource, const LinkMap& links, std::string_view full_url) {
    Rewriter rewriter(links, full_url);
    walk_links(resource, [&](Link link, std::string& text) { rewriter(link, text); });
    return rewriter.replaced();
}

}  // namespace codec
