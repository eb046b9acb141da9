#include "sandbox/box_starter.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

namespace hyperagent {
namespace {

constexpr std::size_t kLargestMessage = 128 << 10;  // arguments and environment of a box's program included
constexpr std::size_t kMostDescriptors = 32;
constexpr int kSocketInStarter = 3;
constexpr int kReplyMilliseconds = 30'000;

struct Reply {
  std::int32_t error = 0;  // errno of the clone; 0: the message carries the pidfd
};

// A Blueprint as bytes, its descriptors apart. Both sides are of one build: numbers go as they lie in memory.
class Packer {
 public:
  template <class T>
  void number(const T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void text(std::string_view value) {
    number(value.size());
    bytes_.append(value);
  }
  template <class T>
  void numbers(const std::vector<T>& values) {
    text({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)});
  }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class Unpacker {
 public:
  explicit Unpacker(std::string_view bytes) : bytes_(bytes) {}
  template <class T>
  T number() {
    T value{};
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }
  std::string text() { return std::string(take(number<std::size_t>())); }
  template <class T>
  std::vector<T> numbers() {
    const std::string_view raw = take(number<std::size_t>());
    std::vector<T> values(raw.size() / sizeof(T));
    std::memcpy(values.data(), raw.data(), raw.size());
    return values;
  }

 private:
  std::string_view take(std::size_t size) {
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(taken.size());
    return taken;
  }
  std::string_view bytes_;
};

std::string packed(const Blueprint& plan, std::size_t descriptors) {
  Packer out;
  out.number(descriptors);
  out.number(plan.privileged);
  out.number(plan.host_uid);
  out.number(plan.host_gid);
  out.text(plan.uid_map);
  out.text(plan.gid_map);
  out.number(plan.binds.size());
  for (const Bind& bind : plan.binds) {
    out.text(bind.source);
    out.text(bind.target);
    out.number(bind.device);
  }
  out.number(plan.layout.size());
  for (const LayoutStep& step : plan.layout) {
    out.number(step.kind);
    out.text(step.path);
    out.text(step.text);
    out.number(step.bind);
    out.number(step.may_exist);
  }
  out.numbers(plan.limits);
  out.numbers(plan.filter);
  out.number(plan.ticket);
  for (const auto* words : {&plan.argv, &plan.environment}) {
    out.number(words->size());
    for (const std::string& word : *words) out.text(word);
  }
  out.number(plan.wall_nanoseconds);
  return out.take();
}

// `descriptors` as descriptors_of() lists them, under this process's numbers.
Blueprint unpacked(std::string_view bytes, const std::vector<int>& descriptors) {
  Unpacker in(bytes);
  in.number<std::size_t>();
  Blueprint plan;
  plan.privileged = in.number<bool>();
  plan.host_uid = in.number<unsigned>();
  plan.host_gid = in.number<unsigned>();
  plan.uid_map = in.text();
  plan.gid_map = in.text();
  plan.binds.resize(in.number<std::size_t>());
  for (Bind& bind : plan.binds) {
    bind.source = in.text();
    bind.target = in.text();
    bind.device = in.number<bool>();
  }
  plan.trees.assign(plan.binds.size(), -1);
  plan.layout.resize(in.number<std::size_t>());
  for (LayoutStep& step : plan.layout) {
    step.kind = in.number<LayoutStep::Kind>();
    step.path = in.text();
    step.text = in.text();
    step.bind = in.number<std::size_t>();
    step.may_exist = in.number<bool>();
  }
  plan.limits = in.numbers<ResourceLimit>();
  plan.filter = in.numbers<sock_filter>();
  plan.ticket = in.number<ExecTicket>();
  for (auto* words : {&plan.argv, &plan.environment}) {
    words->resize(in.number<std::size_t>());
    for (std::string& word : *words) word = in.text();
  }
  plan.wall_nanoseconds = in.number<std::int64_t>();
  std::size_t next = 0;
  for (int* fd : {&plan.input, &plan.output, &plan.error_output, &plan.report, &plan.lifeline}) *fd = descriptors[next++];
  plan.doors.assign(descriptors.begin() + static_cast<std::ptrdiff_t>(next), descriptors.end());
  return plan;
}

std::vector<int> descriptors_of(const Blueprint& plan) {
  std::vector<int> all = {plan.input, plan.output, plan.error_output, plan.report, plan.lifeline};
  all.insert(all.end(), plan.doors.begin(), plan.doors.end());
  return all;
}

// A message whose descriptors travel along; both directions.
struct Message {
  explicit Message(char* bytes, std::size_t size) : part{bytes, size} {
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control;
    header.msg_controllen = sizeof control;
  }
  void attach(const std::vector<int>& descriptors) {
    header.msg_controllen = CMSG_SPACE(descriptors.size() * sizeof(int));
    cmsghdr* at = CMSG_FIRSTHDR(&header);
    at->cmsg_level = SOL_SOCKET;
    at->cmsg_type = SCM_RIGHTS;
    at->cmsg_len = CMSG_LEN(descriptors.size() * sizeof(int));
    std::memcpy(CMSG_DATA(at), descriptors.data(), descriptors.size() * sizeof(int));
  }
  std::vector<int> attached() {
    std::vector<int> descriptors;
    for (cmsghdr* at = CMSG_FIRSTHDR(&header); at != nullptr; at = CMSG_NXTHDR(&header, at)) {
      if (at->cmsg_level != SOL_SOCKET || at->cmsg_type != SCM_RIGHTS) continue;
      descriptors.resize((at->cmsg_len - CMSG_LEN(0)) / sizeof(int));
      std::memcpy(descriptors.data(), CMSG_DATA(at), descriptors.size() * sizeof(int));
    }
    return descriptors;
  }
  iovec part;
  msghdr header{};
  alignas(cmsghdr) char control[CMSG_SPACE(kMostDescriptors * sizeof(int))] = {};
};

ssize_t send(int socket, Message& message) {
  ssize_t sent = 0;
  while ((sent = ::sendmsg(socket, &message.header, MSG_NOSIGNAL)) < 0 && errno == EINTR) {
  }
  return sent;
}

ssize_t receive(int socket, Message& message) {
  ssize_t got = 0;
  while ((got = ::recvmsg(socket, &message.header, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR) {
  }
  return got;
}

struct Birth {
  int socket;
  const char* program;
  int error = 0;
};

// In a child that shares the host's memory while this thread of it waits: system calls only.
int become_starter(void* argument) {
  Birth& birth = *static_cast<Birth*>(argument);
  const auto failed = [&] {
    birth.error = errno;
    for (;;) ::syscall(SYS_exit_group, 127);
  };
  ::syscall(SYS_setsid);
  const long null = ::syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDWR, 0);
  if (null < 0) failed();
  // First out of the way of the low numbers.
  const long socket = ::syscall(SYS_fcntl, birth.socket, F_DUPFD, 10);
  if (socket < 0) failed();
  for (int standard = 0; standard < 3; ++standard)
    if (::syscall(SYS_dup3, null, standard, 0) < 0 && null != standard) failed();
  if (::syscall(SYS_dup3, socket, kSocketInStarter, 0) < 0) failed();
  ::syscall(SYS_close_range, kSocketInStarter + 1u, ~0u, 0u);
  char* const words[] = {const_cast<char*>("ha-box"), nullptr};
  char* const nothing[] = {nullptr};
  ::syscall(SYS_execve, birth.program, words, nothing);
  failed();
  return 0;
}

long clone_box(bool privileged, int& pidfd) {
  clone_args arguments{};
  arguments.flags = CLONE_PARENT | CLONE_PIDFD | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS;
  if (!privileged) arguments.flags |= CLONE_NEWUSER;
  arguments.pidfd = reinterpret_cast<std::uint64_t>(&pidfd);
  return ::syscall(SYS_clone3, &arguments, sizeof arguments);
}

}  // namespace

Result<void> BoxStarter::begin() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    return environment_error("cannot make a socket for boxes: " + errno_text(errno));
  Fd own(ends[0]), other(ends[1]);
  std::vector<char> stack(64 << 10);
  Birth birth{other.get(), program_.c_str()};
  // All signals are blocked in the child, and stay so in the program: a handler of the host must not run there, and what ends the host ends
  // this by the socket.
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  int pidfd = -1;
  // The stack grows down.
  const int child = ::clone(become_starter, stack.data() + stack.size(), CLONE_VM | CLONE_VFORK | CLONE_PIDFD, &birth, &pidfd);
  const int error = child < 0 ? errno : birth.error;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (child >= 0) process_ = Fd(pidfd);
  socket_ = std::move(own);
  if (error == 0) return {};
  end();
  return environment_error("cannot start '" + program_ + "', from which boxes are made: " + errno_text(error) + "; build hyperagent again");
}

void BoxStarter::end() {
  socket_.reset();
  if (!process_) return;
  siginfo_t info;
  while (::waitid(P_PIDFD, static_cast<id_t>(process_.get()), &info, WEXITED | __WALL) < 0 && errno == EINTR) {
  }
  process_.reset();
}

Result<Fd> BoxStarter::start(const Blueprint& plan) {
  const std::vector<int> descriptors = descriptors_of(plan);
  const std::string message = packed(plan, descriptors.size());
  if (message.size() > kLargestMessage || descriptors.size() > kMostDescriptors)
    return user_error("cannot start '" + plan.argv.front() + "' in a box: its arguments, variables or mounts are too long");
  for (int attempt = 0;; ++attempt) {
    if (!socket_)
      if (auto begun = begin(); !begun) return begun.error();
    bool unsent = false;
    auto box = ask(message, descriptors, unsent);
    if (!box) end();  // whatever it was, the next one begins afresh
    if (!unsent || attempt > 0) return box;
    // Somebody killed it before it took the message: the next one serves as well.
  }
}

Result<Fd> BoxStarter::ask(const std::string& message, const std::vector<int>& descriptors, bool& unsent) {
  Message request(const_cast<char*>(message.data()), message.size());
  request.attach(descriptors);
  Reply reply;
  Message answer(reinterpret_cast<char*>(&reply), sizeof reply);
  if (send(socket_.get(), request) != static_cast<ssize_t>(message.size())) {
    unsent = true;
    return environment_error("cannot send to '" + program_ + "', from which boxes are made: " + errno_text(errno) +
                             "; run `hyperagent doctor`");
  }
  pollfd waited{socket_.get(), POLLIN, 0};
  int ready = 0;
  while ((ready = ::poll(&waited, 1, kReplyMilliseconds)) < 0 && errno == EINTR) {
  }
  if (ready <= 0 || receive(socket_.get(), answer) != static_cast<ssize_t>(sizeof reply))
    return environment_error("'" + program_ + "', from which boxes are made, has ended or does not answer; run `hyperagent doctor`");
  const std::vector<int> attached = answer.attached();
  if (reply.error == 0 && attached.size() == 1) return Fd(attached.front());
  if (reply.error == 0) reply.error = EMFILE;  // the descriptor did not fit in here
  return environment_error(std::string("cannot create ") + (geteuid() == 0 ? "namespaces" : "a user namespace") + ": " +
                           errno_text(reply.error) + "; run `hyperagent doctor`");
}

void serve_boxes(int socket) {
  std::vector<char> bytes(kLargestMessage);
  for (;;) {
    Message request(bytes.data(), bytes.size());
    const ssize_t size = receive(socket, request);
    if (size <= 0) return;
    const std::vector<int> descriptors = request.attached();
    Reply reply;
    int pidfd = -1;
    std::size_t wanted = 0;
    std::memcpy(&wanted, bytes.data(), std::min(sizeof wanted, static_cast<std::size_t>(size)));
    if (descriptors.size() != wanted || (request.header.msg_flags & MSG_CTRUNC) != 0) {
      reply.error = EMFILE;
    } else {
      Blueprint plan = unpacked({bytes.data(), static_cast<std::size_t>(size)}, descriptors);
      const long child = clone_box(plan.privileged, pidfd);
      if (child == 0) run_box_init(plan);
      if (child < 0) reply.error = errno;
    }
    for (const int fd : descriptors) ::close(fd);
    Message answer(reinterpret_cast<char*>(&reply), sizeof reply);
    answer.header.msg_controllen = 0;
    if (pidfd >= 0) answer.attach({pidfd});
    const ssize_t sent = send(socket, answer);
    if (pidfd >= 0) ::close(pidfd);
    if (sent < 0) return;
  }
}

}  // namespace hyperagent
