//===- FreqAttr.cpp - #posenc.freq: syntax and constraints ----------------===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "posenc/Dialect/PosEnc/IR/PosEnc.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <cmath>

using namespace mlir;
using namespace mlir::posenc;

//===----------------------------------------------------------------------===//
// Fields
//===----------------------------------------------------------------------===//

namespace {
enum class FieldType { Integer, Real, Flag, List };

/// A field, the kinds that have it, and what it is where it is left out.
struct Field {
  StringLiteral name;
  FieldType type;
  unsigned kinds;
  /// Must be written.
  bool required;
  double byDefault;
};

constexpr unsigned bit(FreqKind kind) { return 1u << unsigned(kind); }
constexpr unsigned kAll = ~0u;
constexpr unsigned kYaRN = bit(FreqKind::YaRN), kLongRoPE = bit(FreqKind::LongRoPE);
constexpr unsigned kLlama3 = bit(FreqKind::Llama3), kT2T = bit(FreqKind::T2T);
constexpr unsigned kProportional = bit(FreqKind::Proportional);
constexpr unsigned kNTK = bit(FreqKind::NTK), kDynamic = bit(FreqKind::DynamicNTK);

/// In the order in which they are printed.
constexpr Field kFields[] = {
    {"dim", FieldType::Integer, kAll, true, 0},
    {"base", FieldType::Real, kAll & ~kT2T, false, 10000},
    {"factor", FieldType::Real, bit(FreqKind::Linear) | kDynamic | kYaRN | kLongRoPE | kLlama3,
     true, 0},
    {"factor", FieldType::Real, kProportional, false, 1},
    {"alpha", FieldType::Real, kNTK, true, 0},
    {"max_position", FieldType::Integer, kDynamic, true, 0},
    {"original_length", FieldType::Integer, kYaRN | kLongRoPE | kLlama3, true, 0},
    {"beta_fast", FieldType::Real, kYaRN, false, 32},
    {"beta_slow", FieldType::Real, kYaRN, false, 1},
    {"truncate", FieldType::Flag, kYaRN, false, 1},
    {"attention_factor", FieldType::Real, kYaRN | kLongRoPE, false, 1},
    {"mscale", FieldType::Real, kYaRN, false, 1},
    {"mscale_all_dim", FieldType::Real, kYaRN, false, 1},
    {"short", FieldType::List, kLongRoPE, true, 0},
    {"long", FieldType::List, kLongRoPE, true, 0},
    {"low_freq_factor", FieldType::Real, kLlama3, true, 0},
    {"high_freq_factor", FieldType::Real, kLlama3, true, 0},
    {"proportion", FieldType::Real, kProportional, true, 0},
    {"min_timescale", FieldType::Real, kT2T, false, 1},
    {"max_timescale", FieldType::Real, kT2T, false, 10000},
};
} // namespace

static const Field *findField(FreqKind kind, StringRef name) {
  const Field *found = llvm::find_if(
      kFields, [&](const Field &f) { return (f.kinds & bit(kind)) && f.name == name; });
  return found == std::end(kFields) ? nullptr : found;
}

double FreqAttr::getReal(StringRef name) const {
  if (auto value = getFields().getAs<FloatAttr>(name))
    return value.getValueAsDouble();
  return findField(getKind(), name)->byDefault;
}
int64_t FreqAttr::getInteger(StringRef name) const {
  return getFields().getAs<IntegerAttr>(name).getInt();
}
bool FreqAttr::getFlag(StringRef name) const {
  if (auto value = getFields().getAs<BoolAttr>(name))
    return value.getValue();
  return findField(getKind(), name)->byDefault != 0;
}
ArrayRef<double> FreqAttr::getList(StringRef name) const {
  return getFields().getAs<DenseF64ArrayAttr>(name).asArrayRef();
}

//===----------------------------------------------------------------------===//
// Constraints
//===----------------------------------------------------------------------===//

using EmitError = function_ref<InFlightDiagnostic()>;

static bool hasType(Attribute value, FieldType type) {
  switch (type) {
  case FieldType::Integer:
    return isa<IntegerAttr>(value) && cast<IntegerAttr>(value).getType().isInteger(64);
  case FieldType::Real:
    return isa<FloatAttr>(value);
  case FieldType::Flag:
    return isa<BoolAttr>(value);
  case FieldType::List:
    return isa<DenseF64ArrayAttr>(value);
  }
  llvm_unreachable("all types are covered");
}

/// The fields are those of the kind. Text cannot give one of another type.
static LogicalResult verifyFields(EmitError emitError, FreqKind kind, DictionaryAttr fields) {
  for (NamedAttribute entry : fields) {
    const Field *field = findField(kind, entry.getName());
    if (!field || !hasType(entry.getValue(), field->type))
      return emitError() << "expected no field " << entry.getName() << " = "
                         << entry.getValue();
  }
  for (const Field &field : kFields)
    if (field.required && (field.kinds & bit(kind)) && !fields.contains(field.name))
      return emitError() << "expected the field '" << field.name << "' of "
                         << stringifyFreqKind(kind);
  return success();
}

static LogicalResult verifyPositive(EmitError emitError, StringRef name, double value) {
  if (std::isfinite(value) && value > 0)
    return success();
  return emitError() << "(Q3) expected " << name << " to be finite and positive but got "
                     << value;
}

/// (Q3) of every field but dim, base and truncate.
static LogicalResult verifyNumbers(EmitError emitError, DictionaryAttr fields) {
  for (NamedAttribute entry : fields) {
    StringRef name = entry.getName();
    if (name == "dim" || name == "base" || isa<BoolAttr>(entry.getValue()))
      continue;
    SmallVector<double> values;
    if (auto real = dyn_cast<FloatAttr>(entry.getValue()))
      values.push_back(real.getValueAsDouble());
    else if (auto integer = dyn_cast<IntegerAttr>(entry.getValue()))
      values.push_back(double(integer.getInt()));
    else
      llvm::append_range(values, cast<DenseF64ArrayAttr>(entry.getValue()).asArrayRef());
    for (double value : values)
      if (failed(verifyPositive(emitError, name, value)))
        return failure();
  }
  return success();
}

/// (Q4) … (Q7).
static LogicalResult verifyKind(EmitError emitError, FreqKind kind, DictionaryAttr fields,
                                int64_t dim) {
  auto real = [&](StringRef name) {
    auto value = fields.getAs<FloatAttr>(name);
    return value ? value.getValueAsDouble() : findField(kind, name)->byDefault;
  };
  if (kind == FreqKind::LongRoPE) {
    for (StringRef name : {"short", "long"})
      if (int64_t size = fields.getAs<DenseF64ArrayAttr>(name).size(); size != dim / 2)
        return emitError() << "(Q4) expected " << name << " to have " << dim / 2
                           << " entries but got " << size;
    if (int64_t length = fields.getAs<IntegerAttr>("original_length").getInt(); length < 2)
      return emitError() << "(Q4) expected original_length to be at least 2 but got " << length;
  }
  bool llama3 = kind == FreqKind::Llama3;
  if (llama3 && real("low_freq_factor") >= real("high_freq_factor"))
    return emitError() << "(Q5) expected low_freq_factor to be below high_freq_factor but got "
                       << real("low_freq_factor") << " and " << real("high_freq_factor");
  bool yarn = kind == FreqKind::YaRN;
  if (yarn && real("beta_slow") > real("beta_fast"))
    return emitError() << "(Q5) expected beta_slow to be at most beta_fast but got "
                       << real("beta_slow") << " and " << real("beta_fast");
  if (kind == FreqKind::Proportional && real("proportion") > 1)
    return emitError() << "(Q6) expected proportion to be at most 1 but got "
                       << real("proportion");
  if (yarn && fields.contains("mscale") != fields.contains("mscale_all_dim"))
    return emitError() << "(Q7) expected mscale and mscale_all_dim or neither but got one";
  return success();
}

LogicalResult FreqAttr::verify(EmitError emitError, FreqKind kind, DictionaryAttr fields) {
  if (failed(verifyFields(emitError, kind, fields)))
    return failure();
  int64_t dim = fields.getAs<IntegerAttr>("dim").getInt();
  int64_t least = kind == FreqKind::NTK || kind == FreqKind::DynamicNTK ? 4 : 2;
  if (dim < least || dim > (1 << 20) || dim % 2 != 0)
    return emitError() << "(Q1) expected dim to be even and from " << least
                       << " to 1048576 but got " << dim;
  if (auto base = fields.getAs<FloatAttr>("base"))
    if (double value = base.getValueAsDouble(); !std::isfinite(value) || value <= 1)
      return emitError() << "(Q2) expected base to be finite and more than 1 but got " << value;
  if (failed(verifyNumbers(emitError, fields)))
    return failure();
  return verifyKind(emitError, kind, fields, dim);
}

//===----------------------------------------------------------------------===//
// Syntax
//===----------------------------------------------------------------------===//

static Attribute parseValue(AsmParser &parser, FieldType type) {
  Builder &b = parser.getBuilder();
  switch (type) {
  case FieldType::Integer: {
    int64_t value;
    return parser.parseInteger(value) ? Attribute() : b.getI64IntegerAttr(value);
  }
  case FieldType::Real: {
    double value;
    return parser.parseFloat(value) ? Attribute() : b.getF64FloatAttr(value);
  }
  case FieldType::Flag: {
    SMLoc loc = parser.getCurrentLocation();
    StringRef word;
    if (parser.parseKeyword(&word))
      return {};
    if (word == "true" || word == "false")
      return b.getBoolAttr(word == "true");
    parser.emitError(loc) << "expected true or false but got '" << word << "'";
    return {};
  }
  case FieldType::List: {
    SmallVector<double> values;
    ParseResult parsed = parser.parseCommaSeparatedList(
        AsmParser::Delimiter::Square, [&] { return parser.parseFloat(values.emplace_back()); });
    return parsed ? Attribute() : b.getDenseF64ArrayAttr(values);
  }
  }
  llvm_unreachable("all types are covered");
}

/// `, name = value`, …
static ParseResult parseFields(AsmParser &parser, FreqKind kind, NamedAttrList &fields) {
  while (succeeded(parser.parseOptionalComma())) {
    SMLoc loc = parser.getCurrentLocation();
    StringRef name;
    if (parser.parseKeyword(&name))
      return failure();
    const Field *field = findField(kind, name);
    if (!field)
      return parser.emitError(loc) << "expected a field of " << stringifyFreqKind(kind)
                                   << " but got '" << name << "'";
    if (fields.get(name))
      return parser.emitError(loc) << "expected the field '" << name << "' once";
    Attribute value = parser.parseEqual() ? Attribute() : parseValue(parser, field->type);
    if (!value)
      return failure();
    fields.append(field->name, value);
  }
  return success();
}

Attribute FreqAttr::parse(AsmParser &parser, Type) {
  SMLoc loc = parser.getCurrentLocation();
  StringRef word;
  if (parser.parseLess() || parser.parseKeyword(&word))
    return {};
  std::optional<FreqKind> kind = symbolizeFreqKind(word);
  if (!kind) {
    parser.emitError(loc) << "expected a kind of frequencies but got '" << word << "'";
    return {};
  }
  NamedAttrList fields;
  if (parseFields(parser, *kind, fields) || parser.parseGreater())
    return {};
  return getChecked([&] { return parser.emitError(loc); }, parser.getContext(), *kind,
                    fields.getDictionary(parser.getContext()));
}

void FreqAttr::print(AsmPrinter &printer) const {
  Type f64 = Float64Type::get(getContext());
  printer << "<" << stringifyFreqKind(getKind());
  for (const Field &field : kFields) {
    Attribute value = getFields().get(field.name);
    if (!value || !(field.kinds & bit(getKind())))
      continue;
    printer << ", " << field.name << " = ";
    if (auto list = dyn_cast<DenseF64ArrayAttr>(value)) {
      printer << "[";
      llvm::interleaveComma(list.asArrayRef(), printer, [&](double entry) {
        printer.printAttributeWithoutType(FloatAttr::get(f64, entry));
      });
      printer << "]";
    } else {
      printer.printAttributeWithoutType(value);
    }
  }
  printer << ">";
}

//===----------------------------------------------------------------------===//
// AxesAttr
//===----------------------------------------------------------------------===//

int64_t AxesAttr::getNumPairs() const {
  if (getKind() == AxesKind::List)
    return getParams().size();
  int64_t pairs = 0;
  for (int64_t size : getParams())
    pairs += size;
  return pairs;
}

SmallVector<int64_t> AxesAttr::getAxisOfPairs() const {
  ArrayRef<int64_t> p = getParams();
  if (getKind() == AxesKind::List)
    return SmallVector<int64_t>(p);
  SmallVector<int64_t> axes;
  if (getKind() == AxesKind::Sections) {
    for (auto [axis, size] : llvm::enumerate(p))
      axes.append(size, axis);
    return axes;
  }
  int64_t count = p.size();
  for (int64_t pair = 0, pairs = getNumPairs(); pair < pairs; ++pair) {
    int64_t axis = pair % count;
    axes.push_back(pair < count * p[axis] ? axis : 0);
  }
  return axes;
}

LogicalResult AxesAttr::verify(EmitError emitError, AxesKind kind, ArrayRef<int64_t> params) {
  constexpr int64_t kMost = 1 << 20;
  int64_t pairs = 0;
  for (int64_t value : params) {
    if (value < 0)
      return emitError() << "(J1) expected numbers of at least 0 but got " << value;
    pairs += kind == AxesKind::List ? 1 : std::min(value, kMost + 1);
    if (pairs > kMost)
      break;
  }
  if (pairs < 1 || pairs > kMost)
    return emitError() << "(J1) expected from 1 to " << kMost << " pairs but got "
                       << (pairs < 1 ? "none" : "more");
  return success();
}

Attribute AxesAttr::parse(AsmParser &parser, Type) {
  SMLoc loc = parser.getCurrentLocation();
  StringRef word;
  if (parser.parseLess() || parser.parseKeyword(&word))
    return {};
  std::optional<AxesKind> kind = symbolizeAxesKind(word);
  if (!kind) {
    parser.emitError(loc) << "expected sections, interleaved or list but got '" << word << "'";
    return {};
  }
  SmallVector<int64_t> params;
  if (parser.parseComma() ||
      parser.parseCommaSeparatedList(
          AsmParser::Delimiter::Square,
          [&] { return parser.parseInteger(params.emplace_back()); }) ||
      parser.parseGreater())
    return {};
  return getChecked([&] { return parser.emitError(loc); }, parser.getContext(), *kind,
                    ArrayRef<int64_t>(params));
}

void AxesAttr::print(AsmPrinter &printer) const {
  printer << "<" << stringifyAxesKind(getKind()) << ", [";
  llvm::interleaveComma(getParams(), printer);
  printer << "]>";
}
