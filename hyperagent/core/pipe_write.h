// Writing to a program that may have gone.
#pragma once

#include <sys/types.h>

#include <string_view>

namespace hyperagent {

// write(2) to a pipe; a reader that is gone is EPIPE, never the signal SIGPIPE, whatever the process does with that.
ssize_t write_without_signal(int fd, std::string_view bytes);

}  // namespace hyperagent
