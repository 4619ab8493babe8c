//===- Report.h - What the emulator found wrong -----------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_LIB_RUNTIME_EMULATOR_REPORT_H
#define POSENC_LIB_RUNTIME_EMULATOR_REPORT_H

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

namespace posenc::emulator {

/// A problem at one or two ops of a kernel.
struct Report {
  std::string kind; ///< what one problem is told from another by, beside the sites
  uint32_t site, otherSite;
  std::string text; ///< the whole message, with its note
};

/// The reports of a launch, one per kind and pair of sites. Of equal ones, that of the
/// first block stays, so that what is printed does not depend on the order of blocks.
class Reports {
public:
  static constexpr uint32_t kNoSite = ~0u;
  static constexpr size_t kPrinted = 20;

  void add(uint64_t block, Report report);
  bool empty() const { return found.empty(); }
  size_t count() const { return found.size(); }

  /// The first ones, a line or two each, and how many more there are.
  std::string print() const;

private:
  struct Found {
    uint64_t block, order;
    std::string text;
  };
  std::vector<const Found *> sorted() const;

  std::mutex lock;
  std::map<std::tuple<std::string, uint32_t, uint32_t>, Found> found;
};

/// "(x,y,z)" of a position in a box of that size, x first.
std::string position(uint64_t linear, const uint32_t size[3]);

std::string formatHex(uint64_t value);

} // namespace posenc::emulator

#endif // POSENC_LIB_RUNTIME_EMULATOR_REPORT_H
