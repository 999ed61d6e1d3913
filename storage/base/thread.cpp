#include "storage/base/thread.hpp"

#include "storage/base/error.hpp"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

namespace base {

bool place_thread(const char* name, int nice) {
    CHECK(::pthread_setname_np(::pthread_self(), name) == 0);
    return nice == 0 || ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), nice) == 0;
}

}  // namespace base
