//===- Chip.cpp - Which code runs on an NVIDIA device ---------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Chip.h"

#include <cstring>

using namespace posenc::runtime;

std::string posenc::runtime::getNVIDIAChip(int major, int minor) {
  std::string chip = "sm_" + std::to_string(major) + std::to_string(minor);
  return major >= 9 ? chip + "a" : chip;
}

/// Major and minor version of sm_90a, and whether it is for this chip alone.
static bool parseChip(const char *chip, int &major, int &minor, bool &exact) {
  if (std::strncmp(chip, "sm_", 3) != 0)
    return false;
  const char *digits = chip + 3;
  size_t length = std::strspn(digits, "0123456789");
  constexpr size_t most = 4;
  if (length < 2 || length > most)
    return false;
  int number = 0;
  for (size_t i = 0; i < length; ++i)
    number = 10 * number + (digits[i] - '0');
  major = number / 10;
  minor = number % 10;
  exact = std::strcmp(digits + length, "a") == 0;
  return exact || digits[length] == '\0';
}

uint32_t posenc::runtime::rankNVIDIA(int major, int minor, const char *chip,
                                     const char *format) {
  bool isPTX = std::strcmp(format, "ptx") == 0;
  int chipMajor = 0, chipMinor = 0;
  bool exact = false;
  if ((!isPTX && std::strcmp(format, "cubin") != 0) ||
      !parseChip(chip, chipMajor, chipMinor, exact))
    return 0;
  bool same = chipMajor == major && chipMinor == minor;
  bool runs = exact   ? same
              : isPTX ? chipMajor < major || (chipMajor == major && chipMinor <= minor)
                      : chipMajor == major && chipMinor <= minor;
  if (!runs)
    return 0;
  // The nearest chip first, then what only it can do, then what need not be compiled.
  uint32_t rank = uint32_t(chipMajor) * 10 + chipMinor;
  return rank * 4 + (exact ? 2 : 0) + (isPTX ? 0 : 1);
}
