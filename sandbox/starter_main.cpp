// ha-box: the process that boxes are cloned from (box_starter.h). Started by the host with its socket as descriptor 3.
#include <sys/socket.h>

#include <cstdio>

#include "sandbox/box_starter.h"

int main() {
  int type = 0;
  socklen_t size = sizeof type;
  if (getsockopt(3, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_SEQPACKET) {
    std::fprintf(stderr, "ha-box is started by hyperagent\n");
    return 1;
  }
  hyperagent::serve_boxes(3);
  return 0;
}
