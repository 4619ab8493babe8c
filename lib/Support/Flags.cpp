//===- Flags.cpp - The command lines of posenc's tools --------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Support/Flags.h"

#include <cmath>
#include <cstdlib>
#include <utility>

using namespace mlir::posenc;

static std::string getSpelling(const std::string &name) {
  return (name.size() == 1 ? "-" : "--") + name;
}

void Flags::add(std::string name, std::string value, std::string help, Setter setter) {
  flags.push_back({std::move(name), std::move(value), std::move(help), std::move(setter)});
}

void Flags::addString(std::string name, std::string value, std::string help,
                      std::string &target) {
  add(std::move(name), std::move(value), std::move(help), [&target](const std::string &text) {
    target = text;
    return std::string(text.empty() ? "expected a value" : "");
  });
}

void Flags::addList(std::string name, std::string value, std::string help,
                    std::vector<std::string> &target) {
  add(std::move(name), std::move(value), std::move(help), [&target](const std::string &text) {
    target.push_back(text);
    return std::string(text.empty() ? "expected a value" : "");
  });
}

void Flags::addSwitch(std::string name, std::string help, bool &target) {
  add(std::move(name), "", std::move(help), [&target](const std::string &) {
    target = true;
    return std::string();
  });
}

void Flags::addOnOff(std::string name, std::string help, bool &target) {
  add(std::move(name), "on|off", std::move(help), [&target](const std::string &text) {
    target = text == "on";
    return target || text == "off" ? std::string()
                                   : "expected on or off but got '" + text + "'";
  });
}

void Flags::addNumber(std::string name, std::string help, std::function<void(double)> set) {
  add(std::move(name), "X", std::move(help), [set = std::move(set)](const std::string &text) {
    char *end = nullptr;
    double value = std::strtod(text.c_str(), &end);
    bool valid = !text.empty() && !*end && std::isfinite(value) && value >= 0;
    if (valid)
      set(value);
    return valid ? std::string() : "expected a number >= 0 but got '" + text + "'";
  });
}

const Flags::Flag *Flags::find(const std::string &name) const {
  for (const Flag &flag : flags)
    if (flag.name == name)
      return &flag;
  return nullptr;
}

bool Flags::parse(int argc, char **argv, std::vector<std::string> &positional,
                  std::string &error) {
  for (int i = 1; i < argc; ++i) {
    std::string text = argv[i];
    if (text.size() < 2 || text[0] != '-') {
      positional.push_back(text);
      continue;
    }
    size_t begin = text[1] == '-' ? 2 : 1, equals = text.find('=');
    const Flag *flag =
        find(text.substr(begin, equals == std::string::npos ? equals : equals - begin));
    if (!flag)
      return error = "unknown flag '" + text + "' (see --help)", false;
    given.push_back(flag->name);
    std::string value;
    if (equals != std::string::npos) {
      if (flag->value.empty())
        return error = getSpelling(flag->name) + ": expected no value", false;
      value = text.substr(equals + 1);
    } else if (!flag->value.empty()) {
      if (++i == argc)
        return error = getSpelling(flag->name) + ": expected a value", false;
      value = argv[i];
    }
    std::string problem = flag->setter(value);
    if (!problem.empty())
      return error = getSpelling(flag->name) + ": " + problem, false;
  }
  return true;
}

std::string Flags::getHelp(const std::string &usage) const {
  std::string help = usage + "\n\n";
  for (const Flag &flag : flags) {
    std::string line = "  " + getSpelling(flag.name);
    if (!flag.value.empty())
      line += "=" + flag.value;
    line.resize(line.size() < 28 ? 28 : line.size() + 1, ' ');
    help += line + flag.help + "\n";
  }
  return help;
}
