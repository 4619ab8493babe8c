//===- Supervise.cpp - Run in a child process -----------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Support/Supervise.h"

#include "posenc/Support/Flags.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace mlir::posenc;

static volatile sig_atomic_t supervisedChild = 0;

static void forwardSignal(int signal) {
  if (supervisedChild)
    kill(supervisedChild, signal);
}

static int reportSignal(const std::string &tool, int signal) {
  const char *name = sigabbrev_np(signal);
  const char *hint = signal == SIGABRT ? ", as a failed assertion does" : "";
  std::fprintf(stderr, "%s: the program stopped with SIG%s%s\n", tool.c_str(),
               name ? name : "?", hint);
  return kExitBadInput;
}

int mlir::posenc::supervise(const std::string &tool, std::vector<OutputFile> &outputs,
                            const std::function<int()> &work) {
  std::fflush(nullptr);
  pid_t parent = getpid(), child = fork();
  if (child < 0) {
    std::fprintf(stderr, "%s: cannot start a process: %s\n", tool.c_str(),
                 std::strerror(errno));
    return kExitBadInput;
  }
  if (child == 0) {
    // A supervisor that is killed outright takes the run with it.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int code = getppid() == parent ? work() : kExitBadInput;
    std::fflush(nullptr);
    // No destructors: thread pools of the program may still be alive, and the
    // outputs belong to the parent.
    _exit(code);
  }
  supervisedChild = child;
  for (int signal : {SIGINT, SIGTERM, SIGHUP})
    std::signal(signal, forwardSignal);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  supervisedChild = 0;
  for (OutputFile &output : outputs)
    output.discard();
  return WIFEXITED(status) ? WEXITSTATUS(status) : reportSignal(tool, WTERMSIG(status));
}

bool mlir::posenc::writeReport(const std::string &tool, int realStdout,
                               const std::string &text) {
  for (size_t done = 0; done < text.size();) {
    ssize_t written = write(realStdout, text.data() + done, text.size() - done);
    if (written >= 0) {
      done += written;
    } else if (errno != EINTR) {
      std::fprintf(stderr, "%s: cannot write to stdout: %s\n", tool.c_str(),
                   std::strerror(errno));
      return false;
    }
  }
  return true;
}

int mlir::posenc::redirectProgramOutput() {
  std::fflush(stdout);
  int real = dup(STDOUT_FILENO);
  dup2(STDERR_FILENO, STDOUT_FILENO);
  std::setvbuf(stdout, nullptr, _IONBF, 0);
  return real;
}
