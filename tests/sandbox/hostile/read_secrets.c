// Tries to open each argument for reading.
#include <fcntl.h>
#include <stdio.h>

int main(int count, char** words) {
  int won = 0;
  for (int i = 1; i < count; ++i)
    if (open(words[i], O_RDONLY) >= 0) {
      fprintf(stderr, "read %s\n", words[i]);
      won = 42;
    }
  return won;
}
