//===- OutputFile.h - Files that appear whole or not at all -----*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_SUPPORT_OUTPUTFILE_H
#define POSENC_SUPPORT_OUTPUTFILE_H

#include <cstddef>
#include <string>

namespace mlir {
namespace posenc {

/// An output that is written beside its place under a temporary name and
/// renamed when it is complete. What was there before stays until then.
/// Devices and pipes are written directly.
class OutputFile {
public:
  /// `tag` makes the temporary name unique among the outputs of a process.
  OutputFile(std::string path, unsigned tag);
  ~OutputFile() { discard(); }
  OutputFile(OutputFile &&other) noexcept;
  OutputFile(const OutputFile &) = delete;
  OutputFile &operator=(const OutputFile &) = delete;

  /// Creates the temporary file, so that a place that cannot be written is
  /// known before the work. On failure `error` says why, without the path.
  bool open(std::string &error);
  bool write(const void *data, size_t size, std::string &error);
  /// Closes the file and moves it to its place.
  bool commit(std::string &error);
  /// Removes what is not committed. Called again by the process that
  /// supervises a crashed one.
  void discard();

  const std::string &getPath() const { return path; }

private:
  std::string path;
  std::string target;    // path behind symbolic links
  std::string suffix;    // of the temporary name
  std::string temporary; // empty for devices and pipes
  int fd = -1;
};

} // namespace posenc
} // namespace mlir

#endif // POSENC_SUPPORT_OUTPUTFILE_H
