// Tries every family of sockets. Exit 42: one could be made.
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

int main(void) {
  const int families[] = {AF_INET, AF_INET6, AF_UNIX, AF_NETLINK, AF_PACKET, AF_VSOCK};
  int won = 0;
  for (unsigned i = 0; i < sizeof families / sizeof *families; ++i)
    for (int type = SOCK_STREAM; type <= SOCK_RAW; ++type)
      if (socket(families[i], type, 0) >= 0) {
        fprintf(stderr, "family %d type %d\n", families[i], type);
        won = 42;
      }
  return won;
}
