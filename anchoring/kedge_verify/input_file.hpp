// A file as one piece of memory, without reading it first: the system brings the pages as they are looked at.
#pragma once

#include "storage/base/error.hpp"

#include <string>
#include <string_view>

namespace kedge_verify {

class InputFile {
  public:
    // "-" is standard input, which is read to its end. Errors: Kind::not_found, Kind::fault with the path and what the system said.
    static base::Result<InputFile> open(const std::string& path);
    ~InputFile();
    InputFile(InputFile&& other) noexcept;
    InputFile& operator=(InputFile&&) = delete;

    std::string_view text() const { return mapped_ != nullptr ? std::string_view(mapped_, size_) : std::string_view(read_); }

  private:
    InputFile() = default;
    const char* mapped_ = nullptr;
    std::size_t size_ = 0;
    std::string read_;  // what cannot be mapped: pipes, empty files
};

}  // namespace kedge_verify
