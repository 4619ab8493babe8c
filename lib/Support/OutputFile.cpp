//===- OutputFile.cpp - Files that appear whole or not at all -------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Support/OutputFile.h"

#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

using namespace mlir::posenc;

static bool failWithErrno(std::string &error) {
  error = std::strerror(errno);
  return false;
}

OutputFile::OutputFile(std::string path, unsigned tag)
    : path(std::move(path)), target(this->path) {
  suffix = ".tmp" + std::to_string(getpid()) + "-" + std::to_string(tag);
}

OutputFile::OutputFile(OutputFile &&other) noexcept
    : path(std::move(other.path)), target(std::move(other.target)),
      suffix(std::move(other.suffix)), temporary(std::exchange(other.temporary, "")),
      fd(std::exchange(other.fd, -1)) {}

bool OutputFile::open(std::string &error) {
  // Renaming onto a symbolic link would replace the link.
  char resolved[PATH_MAX];
  if (realpath(path.c_str(), resolved))
    target = resolved;
  struct stat info;
  bool exists = stat(target.c_str(), &info) == 0;
  if (exists && S_ISDIR(info.st_mode))
    return errno = EISDIR, failWithErrno(error);
  if (exists && !S_ISREG(info.st_mode)) {
    fd = ::open(target.c_str(), O_WRONLY | O_CLOEXEC);
    return fd >= 0 || failWithErrno(error);
  }
  // A rename needs the folder's permission alone; respect the file's too.
  if (exists && access(target.c_str(), W_OK) != 0)
    return failWithErrno(error);
  std::string name = target + suffix;
  unlink(name.c_str());
  fd = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (fd < 0)
    return failWithErrno(error);
  temporary = name;
  return true;
}

bool OutputFile::write(const void *data, size_t size, std::string &error) {
  const char *next = static_cast<const char *>(data);
  while (size) {
    ssize_t written = ::write(fd, next, size);
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      return failWithErrno(error);
    next += written;
    size -= written;
  }
  return true;
}

bool OutputFile::commit(std::string &error) {
  if (close(std::exchange(fd, -1)) != 0)
    return failWithErrno(error);
  if (!temporary.empty() && rename(temporary.c_str(), target.c_str()) != 0)
    return failWithErrno(error);
  temporary.clear();
  return true;
}

void OutputFile::discard() {
  if (fd >= 0)
    close(std::exchange(fd, -1));
  if (!temporary.empty())
    unlink(std::exchange(temporary, "").c_str());
}
