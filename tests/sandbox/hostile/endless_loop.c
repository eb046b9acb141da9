// Uses the processor without end; "children" spreads it over processes that ignore polite signals.
#include <signal.h>
#include <string.h>
#include <unistd.h>

int main(int count, char** words) {
  signal(SIGTERM, SIG_IGN);
  if (count > 1 && strcmp(words[1], "children") == 0)
    for (int i = 0; i < 3; ++i) fork();
  for (volatile long i = 0;; ++i) {
  }
}
