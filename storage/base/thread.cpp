#include "storage/base/thread.hpp"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

namespace base {

bool place_thread(const char* name, int nice) {
    ::pthread_setname_np(::pthread_self(), name);
    return nice == 0 || ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), nice) == 0;
}

}  // namespace base
