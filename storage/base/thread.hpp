// What a thread of ours asks of the kernel's scheduler.
#pragma once

namespace base {

// Gives the calling thread a name (CHECK: at most 15 characters, as the kernel keeps) and a nice value of its own (Linux keeps one for each
// thread). A value below 0 needs CAP_SYS_NICE or RLIMIT_NICE; without the right the thread stays as it is, and false says so.
bool place_thread(const char* name, int nice = 0);

}  // namespace base
