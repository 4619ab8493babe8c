//===- Flags.h - The command lines of posenc's tools ------------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// llvm::cl is no choice for short names: libLLVM has registered thousands of
// options in the same process, and a second one of a name aborts.
//===----------------------------------------------------------------------===//

#ifndef POSENC_SUPPORT_FLAGS_H
#define POSENC_SUPPORT_FLAGS_H

#include <functional>
#include <string>
#include <vector>

namespace mlir {
namespace posenc {

/// Exit codes of the tools; see the contract in docs/Tools.md.
enum ExitCode { kExitOk = 0, kExitBadInput = 1, kExitUsage = 2, kExitMismatch = 3 };

/// A parser for `--name value`, `--name=value`, `-o value` and one or more
/// positional arguments.
class Flags {
public:
  /// Takes the value; returns an error text, empty if all is well.
  using Setter = std::function<std::string(const std::string &)>;

  /// `name` has no dashes; one letter means `-x`. `value` names the value in
  /// the help; an empty one declares a flag without a value.
  void add(std::string name, std::string value, std::string help, Setter setter);
  void addString(std::string name, std::string value, std::string help, std::string &target);
  /// Each occurrence appends.
  void addList(std::string name, std::string value, std::string help,
               std::vector<std::string> &target);
  void addSwitch(std::string name, std::string help, bool &target);
  /// `on` or `off`.
  void addOnOff(std::string name, std::string help, bool &target);
  /// A finite number that is not negative.
  void addNumber(std::string name, std::string help, std::function<void(double)> set);

  /// On failure `error` is one line without the name of the tool.
  bool parse(int argc, char **argv, std::vector<std::string> &positional, std::string &error);
  /// The names of the flags that parse has met.
  const std::vector<std::string> &getGiven() const { return given; }
  std::string getHelp(const std::string &usage) const;

private:
  struct Flag {
    std::string name, value, help;
    Setter setter;
  };
  const Flag *find(const std::string &name) const;

  std::vector<Flag> flags;
  std::vector<std::string> given;
};

} // namespace posenc
} // namespace mlir

#endif // POSENC_SUPPORT_FLAGS_H
