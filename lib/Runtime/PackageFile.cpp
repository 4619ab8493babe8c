//===- PackageFile.cpp - The bytes of a package ---------------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PackageFile.h"

#include "PackageFormat.h"

#include <cerrno>
#include <cstring>
#include <elf.h>
#include <fcntl.h>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

using namespace posenc::runtime;

static bool refuse(std::string &error, const std::string &reason) {
  error = reason;
  return false;
}

namespace {
struct FileDescriptor {
  int fd;
  ~FileDescriptor() {
    if (fd >= 0)
      close(fd);
  }
};
} // namespace

bool posenc::runtime::readFile(const std::string &path, std::vector<char> &bytes,
                               std::string &error) {
  FileDescriptor file{open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  struct stat info;
  if (file.fd < 0 || fstat(file.fd, &info) != 0)
    return refuse(error, std::strerror(errno));
  if (S_ISDIR(info.st_mode))
    return refuse(error, std::strerror(EISDIR));
  if (!S_ISREG(info.st_mode))
    return refuse(error, "expected a regular file");
  bytes.resize(info.st_size);
  for (size_t done = 0; done < bytes.size();) {
    ssize_t count = read(file.fd, bytes.data() + done, bytes.size() - done);
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return refuse(error, std::strerror(errno));
    if (count == 0)
      return refuse(error, "the file became shorter while it was read");
    done += count;
  }
  return true;
}

/// A struct at an offset, if it lies within the bytes.
template <class T> static std::optional<T> readAt(std::string_view bytes, uint64_t offset) {
  if (offset > bytes.size() || bytes.size() - offset < sizeof(T))
    return std::nullopt;
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof(T));
  return value;
}

static std::optional<std::string_view> getContents(std::string_view bytes,
                                                   const Elf64_Shdr &section) {
  if (section.sh_type == SHT_NOBITS || section.sh_offset > bytes.size() ||
      section.sh_size > bytes.size() - section.sh_offset)
    return std::nullopt;
  return bytes.substr(section.sh_offset, section.sh_size);
}

static bool checkHeader(std::string_view bytes, Elf64_Ehdr &header, std::string &error) {
  if (bytes.empty())
    return refuse(error, "expected a package but the file is empty");
  if (bytes.substr(0, SELFMAG) != std::string_view(ELFMAG, SELFMAG))
    return refuse(error, "expected a package (an ELF file) but got a file of another kind");
  std::optional<Elf64_Ehdr> found = readAt<Elf64_Ehdr>(bytes, 0);
  if (!found)
    return refuse(error, "the file is truncated: it has " + std::to_string(bytes.size()) +
                             " bytes, fewer than an ELF header");
  header = *found;
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB ||
      header.e_ident[EI_VERSION] != EV_CURRENT || header.e_type != ET_DYN)
    return refuse(error,
                  "expected a package (a 64-bit shared object) but got another ELF file");
  if (header.e_machine != EM_X86_64)
    return refuse(error, "expected a package for x86-64 but got one for ELF machine " +
                             std::to_string(header.e_machine));
  if (header.e_shentsize != sizeof(Elf64_Shdr) || header.e_shstrndx >= header.e_shnum)
    return refuse(error, "expected a package but the file has no table of sections");
  uint64_t tableBytes = uint64_t(header.e_shnum) * sizeof(Elf64_Shdr);
  if (header.e_shoff > bytes.size() || tableBytes > bytes.size() - header.e_shoff)
    return refuse(error, "the file is truncated: its table of sections lies beyond its " +
                             std::to_string(bytes.size()) + " bytes");
  return true;
}

bool posenc::runtime::findParts(std::string_view bytes, PackageParts &parts,
                                std::string &error) {
  Elf64_Ehdr header;
  if (!checkHeader(bytes, header, error))
    return false;
  auto getSection = [&](unsigned index) {
    return *readAt<Elf64_Shdr>(bytes, header.e_shoff + index * sizeof(Elf64_Shdr));
  };
  std::optional<std::string_view> names = getContents(bytes, getSection(header.e_shstrndx));
  if (!names)
    return refuse(error, "the names of the file's sections lie beyond its end");
  bool hasSeal = false, hasManifest = false;
  for (unsigned i = 0; i < header.e_shnum; ++i) {
    Elf64_Shdr section = getSection(i);
    if (section.sh_name >= names->size())
      return refuse(error, "the name of a section lies beyond the names' end");
    std::string_view name = names->substr(section.sh_name);
    name = name.substr(0, name.find('\0'));
    bool isSeal = name == kSealSection, isManifest = name == kManifestSection;
    if (!isSeal && !isManifest)
      continue;
    std::optional<std::string_view> contents = getContents(bytes, section);
    if (!contents)
      return refuse(error, "the section " + std::string(name) + " lies beyond the file's end");
    if ((isSeal && hasSeal) || (isManifest && hasManifest))
      return refuse(error, "the file has several sections " + std::string(name));
    if (isSeal && contents->size() != sizeof(PackageSeal))
      return refuse(error, "expected the section " + std::string(name) + " to have " +
                               std::to_string(sizeof(PackageSeal)) + " bytes but got " +
                               std::to_string(contents->size()));
    (isSeal ? hasSeal : hasManifest) = true;
    if (isSeal)
      parts.sealOffset = section.sh_offset;
    else
      parts.manifest = *contents;
  }
  if (!hasSeal || !hasManifest)
    return refuse(error, std::string("expected a package but the file has no section ") +
                             (hasSeal ? kManifestSection : kSealSection));
  return true;
}

void posenc::runtime::computeChecksum(std::string_view bytes, size_t sealOffset,
                                      unsigned char checksum[16]) {
  size_t begin = sealOffset + offsetof(PackageSeal, checksum);
  size_t end = begin + sizeof(PackageSeal::checksum);
  XXH3_state_t state;
  XXH3_128bits_reset(&state);
  XXH3_128bits_update(&state, bytes.data(), begin);
  XXH3_128bits_update(&state, bytes.data() + end, bytes.size() - end);
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(&state));
  std::memcpy(checksum, canonical.digest, sizeof(canonical.digest));
}

bool posenc::runtime::verifyPackage(std::string_view bytes, PackageParts &parts,
                                    std::string &error) {
  if (!findParts(bytes, parts, error))
    return false;
  PackageSeal seal = *readAt<PackageSeal>(bytes, parts.sealOffset);
  if (std::memcmp(seal.magic, kSealMagic, sizeof(kSealMagic)) != 0)
    return refuse(error, "expected a package but its seal has another mark");
  if (seal.format != kPackageFormat)
    return refuse(error, "expected format " + std::to_string(kPackageFormat) +
                             " of packages but got " + std::to_string(seal.format));
  unsigned char checksum[16];
  computeChecksum(bytes, parts.sealOffset, checksum);
  if (std::memcmp(seal.checksum, checksum, sizeof(checksum)) != 0)
    return refuse(error, "the checksum does not hold: the file was changed or damaged");
  return true;
}
