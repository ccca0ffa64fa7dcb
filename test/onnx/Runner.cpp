#include "test/onnx/Runner.h"
#include "test/onnx/Case.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <map>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace mpc::test {
namespace {

namespace fs = std::filesystem;

constexpr rlim_t mostSeconds = 60;
constexpr rlim_t mostBytes = rlim_t(4) << 30;
// A process that sleeps takes no processor time; this ends it too.
constexpr unsigned mostWallSeconds = 240;

std::string workFolder() {
  std::string name = (fs::temp_directory_path() / "mpc-onnx-XXXXXX").string();
  return mkdtemp(name.data()) ? name : std::string();
}

[[noreturn]] void runChild(const std::string &folder, const std::string &work) {
  int log = open((work + "/log").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  int null = open("/dev/null", O_WRONLY);
  dup2(log, STDERR_FILENO);
  dup2(null, STDOUT_FILENO);
  rlimit time{mostSeconds, mostSeconds}, memory{mostBytes, mostBytes},
      core{0, 0};
  setrlimit(RLIMIT_CPU, &time);
  setrlimit(RLIMIT_AS, &memory);
  setrlimit(RLIMIT_CORE, &core);
  alarm(mostWallSeconds);
  int code = runCase(folder, work);
  std::fflush(nullptr);
  _exit(code);
}

// The first error that the case printed, without the paths of its files.
std::string reasonOf(const std::string &work, const std::string &model) {
  std::ifstream log(work + "/log");
  std::string reason, last;
  for (std::string line; std::getline(log, line); last = line)
    if (reason.empty() && line.rfind("error: ", 0) == 0)
      reason = line.substr(std::strlen("error: "));
  if (reason.empty())
    reason = last;
  if (reason.rfind(model + ": ", 0) == 0)
    reason.erase(0, model.size() + 2);
  for (size_t at; (at = reason.find(work + "/")) != std::string::npos;)
    reason.erase(at, work.size() + 1);
  return reason;
}

void judge(Outcome &outcome, int status, const std::string &reason) {
  outcome.reason = reason;
  if (WIFSIGNALED(status)) {
    int signal = WTERMSIG(status);
    bool hung = signal == SIGXCPU || signal == SIGALRM || signal == SIGKILL;
    outcome.reason = std::string(hung ? "hangs" : "crashes") + " (signal " +
                     std::to_string(signal) + ") " + reason;
    return;
  }
  int code = WEXITSTATUS(status);
  if (code == 0) {
    outcome.kind = Outcome::Kind::Pass;
    outcome.reason.clear();
  } else if (code == 3 || code == 4) {
    outcome.kind = Outcome::Kind::Refused;
    outcome.code = code;
  } else if (code != wrongOutputs) {
    outcome.reason = "exits with " + std::to_string(code) + ": " + reason;
  }
}

} // namespace

std::vector<Outcome> runCases(const std::string &data,
                              const std::vector<std::string> &names) {
  struct Running {
    size_t index;
    std::string work;
  };
  std::vector<Outcome> outcomes(names.size());
  std::map<pid_t, Running> running;
  size_t most = std::max(1u, std::thread::hardware_concurrency());
  size_t next = 0;
  while (next < names.size() || !running.empty()) {
    while (next < names.size() && running.size() < most) {
      outcomes[next].name = names[next];
      std::string work = workFolder();
      pid_t child = fork();
      if (child == 0)
        runChild(data + "/" + names[next], work);
      if (child > 0)
        running[child] = {next, work};
      ++next;
    }
    int status = 0;
    auto done = running.find(wait(&status));
    if (done == running.end())
      break;
    const auto &[index, work] = done->second;
    std::string model = data + "/" + names[index] + "/model.onnx";
    judge(outcomes[index], status, reasonOf(work, model));
    fs::remove_all(work);
    running.erase(done);
  }
  return outcomes;
}

} // namespace mpc::test
