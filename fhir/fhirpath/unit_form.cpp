#include "fhir/fhirpath/unit_form.hpp"

#include "fhir/fhirpath/units.hpp"

#include <algorithm>
#include <string>

namespace fhirpath {
namespace {

// The symbols that UCUM has beside those that units.cpp can compute with, one blank around each.
constexpr std::string_view kMetric =
    " B B[10.nV] B[SPL] B[V] B[W] B[kW] B[mV] B[uV] Bi G Gal Gb Ky Lmb Mx Np Oe [G] [c] [e] [eps_0] [h] [k] [ly] [m_e] [m_p] "
    " [mu_0] cal_[15] cal_[20] cal_m mho ph sb tex Cel ";
constexpr std::string_view kPlain =
    " %[slope] [Amb'a'1'U] [Btu_39] [Btu_59] [Btu_60] [Btu_IT] [Btu_m] [Btu_th] [CCID_50] [D'ag'U] [FEU] [FFU] [IR] [acr_br] "
    " [bbl_us] [bdsk'U] [bf_i] [bu_br] [bu_us] [car_Au] [ch_br] [ch_us] [cicero] [cml_i] [cr_i] [crd_us] [cyd_i] [degRe] [den] "
    " [didot] [dpt_us] [dqt_us] [fdr_br] [ft_br] [fth_br] [fth_i] [fth_us] [fur_us] [gal_wi] [gil_br] [gil_us] [hd_i] [hnsf'U] "
    " [hp'_C] [hp'_M] [hp'_Q] [hp'_X] [hp_M] [hp_Q] [in_br] [kn_br] [kp_M] [kp_Q] [lb_ap] [lcwt_av] [ligne] [lk_br] [lk_us] "
    " [lne] [m/s2/Hz^(1/2)] [mclg'U] [mesh_i] [mi_br] [mil_i] [mil_us] [min_br] [min_us] [nmi_br] [p'diop] [pH] [pc_br] [pca] "
    " [pca_pr] [pied] [pk_br] [pk_us] [pnt] [pnt_pr] [pouce] [pwt_tr] [rch_us] [rd_br] [rd_us] [rlk_us] [sct] [scwt_av] "
    " [smgy'U] [smi_us] [smoot] [srd_us] [syd_i] [tb'U] [twp] [yd_br] [yd_us] att b bit_s sph ";
constexpr std::string_view kPrefixes[] = {"Y", "Z", "E", "P", "T", "G", "M", "k", "h", "da", "d", "c", "m", "u", "n", "p", "f", "a", "z", "y", "Ki", "Mi", "Gi", "Ti"};
// What most records use, so that most questions end at once.
constexpr std::string_view kCommon =
    " kg g mg ug ng cm mm m mL L dL uL % /min mm[Hg] Cel [degF] mmol/L mg/dL g/dL g/L kg/m2 10*3/uL 10*6/uL 10*9/L fL pg a mo wk d h min s ms U/L [iU]/L "
    "ng/mL ug/mL ug/dL mEq/L meq/L umol/L nmol/L mg/kg mL/min/{1.73_m2} {score} {#} 1 ";
constexpr std::size_t kMaxBytes = 1024;
constexpr int kMaxDepth = 20;

bool listed(std::string_view list, std::string_view symbol) {
    return list.find(" " + std::string(symbol) + " ") != std::string_view::npos;
}

bool is_symbol(std::string_view text) {
    if (parse_unit(text) || listed(kMetric, text) || listed(kPlain, text)) return true;
    return std::any_of(std::begin(kPrefixes), std::end(kPrefixes), [&](std::string_view prefix) {
        if (!text.starts_with(prefix) || text.size() == prefix.size()) return false;
        const auto rest = text.substr(prefix.size());
        return listed(kMetric, rest) || (prefix.size() == 2 && (rest == "By" || rest == "bit"));
    });
}

bool digit(char c) {
    return c >= '0' && c <= '9';
}

// Recursive descent over UCUM section 2.2; false: malformed.
class Reader {
  public:
    explicit Reader(std::string_view text) : text_(text) {}

    UnitForm read() {
        if (!term() || at_ != text_.size()) return UnitForm::malformed;
        return unknown_ ? UnitForm::unknown_symbol : UnitForm::known;
    }

  private:
    bool take(char c) {
        if (at_ >= text_.size() || text_[at_] != c) return false;
        ++at_;
        return true;
    }
    bool term() {
        take('/');
        do {
            if (!component()) return false;
        } while (take('.') || take('/'));
        return true;
    }
    bool component() {
        if (take('(')) {
            if (++depth_ > kMaxDepth || !term() || !take(')')) return false;
            --depth_;
            return annotation(true);
        }
        std::string_view symbol;
        if (!read_symbol(symbol) || !annotation(!symbol.empty())) return false;
        if (!symbol.empty() && !is_factor(symbol) && !is_symbol(without_exponent(symbol))) unknown_ = true;
        return true;
    }
    // What stands in braces is for people; UCUM wants ASCII there, records hold anything.
    bool annotation(bool optional) {
        if (!take('{')) return optional;
        const auto end = text_.find('}', at_);
        if (end == std::string_view::npos || text_.substr(at_, end - at_).find('{') != std::string_view::npos) return false;
        at_ = end + 1;
        return true;
    }
    // Up to an operator; what stands in square brackets belongs to the symbol.
    bool read_symbol(std::string_view& symbol) {
        const auto begin = at_;
        bool bracket = false;
        for (; at_ < text_.size(); ++at_) {
            const char c = text_[at_];
            if (c <= ' ' || c > '~' || c == '}' || (c == '[' && bracket) || (c == ']' && !bracket)) return false;
            if (c == '[' || c == ']') bracket = c == '[';
            if (!bracket && (c == '.' || c == '/' || c == '(' || c == ')' || c == '{')) break;
        }
        symbol = text_.substr(begin, at_ - begin);
        return !bracket;
    }
    static bool is_factor(std::string_view symbol) { return std::all_of(symbol.begin(), symbol.end(), digit); }
    static std::string_view without_exponent(std::string_view symbol) {
        auto end = symbol.size();
        while (end > 0 && digit(symbol[end - 1])) --end;
        if (end < symbol.size() && end > 1 && (symbol[end - 1] == '-' || symbol[end - 1] == '+')) --end;
        return symbol.substr(0, end);
    }

    std::string_view text_;
    std::size_t at_ = 0;
    int depth_ = 0;
    bool unknown_ = false;
};

}  // namespace

UnitForm unit_form(std::string_view code) {
    if (code.empty() || code.size() > kMaxBytes) return UnitForm::malformed;
    return code.find(' ') == std::string_view::npos && listed(kCommon, code) ? UnitForm::known : Reader(code).read();
}

}  // namespace fhirpath
