//===- NpyHeader.cpp - The text header of .npy files ----------------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// The header is the literal of a Python dictionary with the keys `descr`,
// `fortran_order` and `shape`, in any order.
//===----------------------------------------------------------------------===//

#include "posenc/Support/Npy.h"

#include <cctype>
#include <cstring>
#include <limits>

using namespace mlir::posenc;

namespace {

struct TypeInfo {
  DType type;
  const char *name;  // as NumPy prints it
  const char *descr; // kind and size, without the byte order
  unsigned bytes;
};

// BF16 shares its descriptor with U16, so it comes after it: a lookup by
// descriptor finds U16, and the reader decides by the type that it expects.
constexpr TypeInfo kTypes[] = {
    {DType::Bool, "bool", "b1", 1},         {DType::I8, "int8", "i1", 1},
    {DType::U8, "uint8", "u1", 1},          {DType::I16, "int16", "i2", 2},
    {DType::U16, "uint16", "u2", 2},        {DType::I32, "int32", "i4", 4},
    {DType::U32, "uint32", "u4", 4},        {DType::I64, "int64", "i8", 8},
    {DType::U64, "uint64", "u8", 8},        {DType::F16, "float16", "f2", 2},
    {DType::F32, "float32", "f4", 4},       {DType::F64, "float64", "f8", 8},
    {DType::Raw16, "2-byte void", "V2", 2}, {DType::BF16, "bfloat16", "u2", 2},
};

const TypeInfo &getInfo(DType type) {
  for (const TypeInfo &info : kTypes)
    if (info.type == type)
      return info;
  return kTypes[0];
}

/// A reader of the few Python literals that headers consist of.
class HeaderParser {
public:
  HeaderParser(const std::string &text, std::string &error) : text(text), error(error) {}

  std::optional<NpyHeader> parse() {
    if (!expect('{'))
      return std::nullopt;
    while (!consume('}')) {
      std::string key;
      if (!parseString(key) || !expect(':') || !parseValue(key))
        return std::nullopt;
      if (!consume(',')) {
        if (!expect('}'))
          return std::nullopt;
        break;
      }
    }
    skipSpace();
    if (position != text.size())
      return fail("expected the header to end after its dictionary"), std::nullopt;
    if (!hasDescr || !hasOrder || !hasShape)
      return fail("expected a header with descr, fortran_order and shape"), std::nullopt;
    return header;
  }

private:
  bool fail(const std::string &message) {
    error = message;
    return false;
  }
  void skipSpace() {
    while (position < text.size() && std::isspace(static_cast<unsigned char>(text[position])))
      ++position;
  }
  bool consume(char c) {
    skipSpace();
    if (position >= text.size() || text[position] != c)
      return false;
    ++position;
    return true;
  }
  bool expect(char c) {
    return consume(c) || fail(std::string("expected '") + c + "' in the header of a .npy file");
  }
  bool consumeWord(const char *word) {
    skipSpace();
    size_t length = std::strlen(word);
    if (text.compare(position, length, word) != 0)
      return false;
    position += length;
    return true;
  }

  bool parseString(std::string &result) {
    skipSpace();
    char quote = position < text.size() ? text[position] : 0;
    size_t end =
        quote == '\'' || quote == '"' ? text.find(quote, position + 1) : std::string::npos;
    if (end == std::string::npos)
      return fail("expected a string in the header of a .npy file");
    result = text.substr(position + 1, end - position - 1);
    position = end + 1;
    return true;
  }

  bool parseValue(const std::string &key) {
    if (key == "descr")
      return hasDescr = parseDescr();
    if (key == "fortran_order")
      return hasOrder = parseOrder();
    if (key == "shape")
      return hasShape = parseShape();
    return fail("unexpected key '" + key + "' in the header of a .npy file");
  }

  bool parseOrder() {
    header.fortranOrder = consumeWord("True");
    return header.fortranOrder || consumeWord("False") ||
           fail("expected fortran_order to be True or False");
  }

  bool parseDescr() {
    skipSpace();
    if (position < text.size() && text[position] == '[')
      return fail("structured dtypes are not supported");
    std::string descr;
    if (!parseString(descr))
      return false;
    std::string plain = descr;
    if (!plain.empty() && std::strchr("<>|=", plain[0])) {
      header.bigEndian = plain[0] == '>';
      plain.erase(0, 1);
    }
    for (const TypeInfo &info : kTypes) {
      if (plain != info.descr)
        continue;
      header.type = info.type;
      return true;
    }
    return fail("dtype '" + descr + "' is not supported");
  }

  bool parseShape() {
    if (!expect('('))
      return false;
    uint64_t bytes = 8; // of the widest element; an empty array may be wide
    while (!consume(')')) {
      int64_t extent;
      if (!parseExtent(extent))
        return false;
      header.shape.push_back(extent);
      if (__builtin_mul_overflow(bytes, static_cast<uint64_t>(extent ? extent : 1), &bytes) ||
          bytes > static_cast<uint64_t>(std::numeric_limits<int64_t>::max()))
        return fail("the shape " + formatShape(header.shape) + " is too large");
      if (!consume(',')) {
        if (!expect(')'))
          return false;
        break;
      }
    }
    return true;
  }

  bool parseExtent(int64_t &extent) {
    skipSpace();
    size_t begin = position;
    uint64_t value = 0;
    for (; position < text.size() && std::isdigit(static_cast<unsigned char>(text[position]));
         ++position)
      if (__builtin_mul_overflow(value, 10u, &value) ||
          __builtin_add_overflow(value, static_cast<uint64_t>(text[position] - '0'), &value) ||
          value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max()))
        return fail("an extent in the shape is too large");
    if (position == begin)
      return fail("expected a non-negative extent in the shape");
    consumeWord("L"); // as Python 2 wrote it
    extent = static_cast<int64_t>(value);
    return true;
  }

  const std::string &text;
  std::string &error;
  size_t position = 0;
  NpyHeader header;
  bool hasDescr = false, hasOrder = false, hasShape = false;
};

} // namespace

size_t mlir::posenc::getByteWidth(DType type) { return getInfo(type).bytes; }

const char *mlir::posenc::getName(DType type) { return getInfo(type).name; }

bool mlir::posenc::isFloat(DType type) {
  return type == DType::F16 || type == DType::BF16 || type == DType::F32 || type == DType::F64;
}

std::string mlir::posenc::formatShape(const std::vector<int64_t> &shape) {
  std::string result = "[";
  for (size_t i = 0; i < shape.size(); ++i)
    result += (i ? ", " : "") + (shape[i] < 0 ? std::string("?") : std::to_string(shape[i]));
  return result + "]";
}

std::optional<NpyHeader> mlir::posenc::parseNpyHeader(const std::string &text,
                                                      std::string &error) {
  return HeaderParser(text, error).parse();
}

std::string mlir::posenc::makeNpyHeader(DType type, const std::vector<int64_t> &shape) {
  DType stored = type == DType::Raw16 ? DType::BF16 : type;
  std::string dict = "{'descr': '";
  dict += getByteWidth(stored) == 1 ? '|' : '<';
  dict += getInfo(stored).descr;
  dict += "', 'fortran_order': False, 'shape': (";
  for (int64_t extent : shape)
    dict += std::to_string(extent) + ", ";
  if (shape.size() > 1)
    dict.resize(dict.size() - 2);
  else if (shape.size() == 1)
    dict.pop_back();
  dict += "), }";
  // Data begins at a multiple of 64; the header ends with a newline. Version
  // 2.0 has a longer length field, for shapes of thousands of axes.
  bool isLong = dict.size() > 60000;
  size_t prefix = isLong ? 12 : 10;
  size_t length = (prefix + dict.size() + 1 + 63) / 64 * 64 - prefix;
  dict.resize(length - 1, ' ');
  dict += '\n';
  std::string result = "\x93NUMPY";
  result += isLong ? '\2' : '\1';
  result += '\0';
  for (unsigned byte = 0; byte < (isLong ? 4u : 2u); ++byte)
    result += static_cast<char>(length >> (8 * byte));
  return result + dict;
}
