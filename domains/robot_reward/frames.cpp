#include "domains/robot_reward/frames.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdint>

namespace hyperagent::robot {
namespace {

constexpr int kIn = 30, kOut = 31;
constexpr std::uint32_t kLargestFrame = 256u << 20;

bool read_all(int fd, char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t got = ::read(fd, data, size);
    if (got <= 0) return false;
    data += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

}  // namespace

std::optional<Frames> Frames::take_standard_streams() {
  if (dup2(0, kIn) < 0 || dup2(1, kOut) < 0) return std::nullopt;
  const int null = open("/dev/null", O_RDWR);
  if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0) return std::nullopt;
  return Frames(kIn, kOut);
}

std::optional<std::string> Frames::read() {
  std::uint32_t size = 0;
  if (!read_all(in_, reinterpret_cast<char*>(&size), 4) || size > kLargestFrame) return std::nullopt;
  std::string frame(size, '\0');
  if (!read_all(in_, frame.data(), size)) return std::nullopt;
  return frame;
}

bool Frames::write(const Json& json) {
  const std::string body = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  const std::uint32_t size = static_cast<std::uint32_t>(body.size());
  std::string frame(reinterpret_cast<const char*>(&size), 4);
  frame += body;
  for (std::size_t done = 0; done < frame.size();) {
    const ssize_t wrote = ::write(out_, frame.data() + done, frame.size() - done);
    if (wrote <= 0) return false;
    done += static_cast<std::size_t>(wrote);
  }
  return true;
}

}  // namespace hyperagent::robot
