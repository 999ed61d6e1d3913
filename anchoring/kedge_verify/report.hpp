// What kedge-verify prints.
#pragma once

#include "anchoring/kedge_verify/audit.hpp"

namespace kedge_verify {

std::string line_text(const Line& line);
std::string line_json(const Line& line);
std::string sum_text(const Sum& sum);
std::string sum_json(const Sum& sum);

}  // namespace kedge_verify
