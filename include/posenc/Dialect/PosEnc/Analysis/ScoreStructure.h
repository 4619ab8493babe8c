//===- ScoreStructure.h - What a score region depends on --------*- C++ -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A score region as a list of terms in the order in which they change the
// score, and for each what it depends on. Kernels and plans are built from
// this; they know no encoding by name. Claims, lattice and why it is sound:
// docs/Structure.md.
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_DIALECT_POSENC_ANALYSIS_SCORESTRUCTURE_H
#define POSENC_DIALECT_POSENC_ANALYSIS_SCORESTRUCTURE_H

#include "posenc/Dialect/PosEnc/Analysis/Evaluate.h"
#include "posenc/Dialect/PosEnc/IR/PosEnc.h"

#include "mlir/IR/AsmState.h"

#include <memory>
#include <vector>

namespace mlir::posenc {

class RegionExprs;
class Coordinates;

/// Nobody has longer sequences.
inline constexpr int64_t kNoPositionLimit = scalar::kMaxExtent / 4;

/// What a term does to the score s.
enum class TermAction : uint8_t {
  Add,       ///< s + g
  Multiply,  ///< s · g
  Mask,      ///< p ? s : fill
  Pointwise, ///< g(s), as softcap is
  General,   ///< any function of s and more
  Product,   ///< s + a product of rows and a table (by interface)
  RowScan,   ///< a function of the row's other scores: of stages
  HeadMix,   ///< a function of the other heads' scores: of stages
};

/// What a value depends on: a set, joined by union. The empty set is a value
/// that is the same for every query and key.
enum TermInput : unsigned {
  InputHead = 1 << 0,
  InputBatch = 1 << 1,
  InputDistance = 1 << 2, ///< i − j
  InputAxes = 1 << 3,     ///< differences of other coordinates
  InputQuery = 1 << 4,    ///< something of the query alone
  InputKey = 1 << 5,      ///< something of the key alone
  InputDense = 1 << 6,    ///< elements of a tensor at query and key
  InputScore = 1 << 7,    ///< the score: content
  InputUnknown = 1 << 8,  ///< what the analysis cannot look into
  InputStage = 1 << 9,    ///< the result of a stage: content of other scores
};
/// Those that a kernel may treat as constant in a tile.
inline constexpr unsigned kUniformInputs = InputHead | InputBatch;

enum class AxisKind : uint8_t {
  Position,      ///< an integer position, i = index + offset or an operand's
  FloatPosition, ///< a position that is a float
  Index,         ///< m and n themselves, where positions are operands
  Quotient,      ///< a quotient or remainder of a position
};

/// One coordinate of query and key.
struct CoordinateAxis {
  AxisKind kind;
  int64_t number; ///< of the axis of position operands; −1 if they have none
  scalar::Expr query, key;
  scalar::Expr difference; ///< the variable that stands for query − key
  std::string quotient = {};
};

/// slope · D + offset, D = i − j or |i − j|.
struct AffineForm {
  scalar::Expr slope, offset;
  bool absolute;
};

/// Distances i − j from lo to hi, inclusive.
struct TermZone {
  int64_t lo, hi;
  /// The term's value in all of the zone; null if it varies there. Per head and
  /// batch where the term is.
  scalar::Expr value;
};

struct ScoreTerm;

/// Where a term has another value than elsewhere: at the query or the key of a class
/// token. The values are the same along their line (per head and batch).
struct TermException {
  struct Line {
    scalar::Expr where = nullptr; ///< a condition of this side alone, or null
    scalar::Expr value = nullptr;
  };
  Line atQuery, atKey;
  scalar::Expr atBoth = nullptr; ///< where both conditions hold
  /// The term where neither does: factors, axes and affine form are its own.
  std::shared_ptr<ScoreTerm> elsewhere = nullptr;
};

/// One step of a score region.
struct ScoreTerm {
  Operation *op; ///< the op that applies it
  TermAction action;
  scalar::Expr value;  ///< g or p; null for terms by interface
  unsigned inputs = 0; ///< set of TermInput
  double fill = 0.0;   ///< of Mask
  /// Of a product of factors: those of the query alone, those of the key alone,
  /// and the rest; null where there is none.
  scalar::Expr queryFactor = nullptr, keyFactor = nullptr, core = nullptr;
  unsigned coreInputs = 0;
  /// How many products of such factors are summed (over the channel that both
  /// factors read), or ShapedType::kDynamic. One if none are.
  int64_t rank = 1;
  std::optional<AffineForm> affine = std::nullopt; ///< of the core
  SmallVector<unsigned> axes = {};                 ///< differences that it reads, by number
  SmallVector<Value> reads = {};                   ///< tensors that it reads
  SmallVector<TermZone> zones = {};                ///< if it depends on i − j alone
  std::optional<ScoreProduct> product = std::nullopt;
  /// Of Product: the table's row, if the op says. The zones are the row's if
  /// that depends on i − j alone.
  scalar::Expr row = nullptr;
  unsigned rowInputs = 0;
  unsigned sideInputs = 0; ///< of the indices of the rows that the table's row meets
  /// The score before and behind the op, values of the region that all influence
  /// of the score passes through. Terms of one op share them. `from` is null if
  /// the result does not depend on the score.
  Value from = {}, to = {};
  /// Of Add and Multiply.
  std::optional<TermException> exception = std::nullopt;

  /// Whether the value is a function of i − j (per head and batch) alone.
  bool isDistanceOnly() const { return !(inputs & ~(kUniformInputs | InputDistance)); }
};

/// What is no function of one score (StageOpInterface).
struct ScoreStage {
  Operation *op;
  TermAction action;
  /// How the incoming score becomes each of the values that the stage reads.
  std::vector<std::vector<ScoreTerm>> inputs = {};
};

enum class Visibility : uint8_t {
  Masked,   ///< every score is −inf
  Unmasked, ///< no mask hides any score
  Mixed,    ///< neither, or not known
};

/// What is known of a tile.
struct TileClass {
  Visibility visibility = Visibility::Mixed;
  /// No term's value varies within it: one s + c or s · c for the whole tile
  /// (per head and batch).
  bool constant = false;
  /// The sum of what is added, where it is one known number.
  std::optional<double> bias;

  bool operator==(const TileClass &other) const {
    return visibility == other.visibility && constant == other.constant && bias == other.bias;
  }
};

/// Distances with one class.
struct ScoreZone {
  int64_t lo, hi;
  TileClass tile;
};

/// Queries [m0, m1) and keys [n0, n1), with what the op adds to indices where
/// only the run knows.
struct ScoreTile {
  int64_t m0, m1, n0, n1;
  int64_t qOffset = 0, kOffset = 0;
};

/// What one value of a region depends on.
struct ValueStructure {
  unsigned inputs = 0;             ///< set of TermInput
  SmallVector<unsigned> axes = {}; ///< differences that it reads, by number
  /// What it makes of differences takes a loop or a function of `math`.
  bool costly = false;
};

/// Whether the lengths of an op bound its indices. Zones hold for every length:
/// there are none if they do.
enum class KnownLengths : bool { No, Yes };

/// What the score region of an attention or a score_map is made of.
class ScoreStructure {
public:
  /// `op` is an attention or a score_map. Without a score region there are no
  /// terms.
  explicit ScoreStructure(Operation *op, KnownLengths lengths = KnownLengths::No);
  ~ScoreStructure();

  Operation *getOperation() const { return op; }
  /// The steps from the incoming score to what the region yields. They read the
  /// results of stages, and do not lead through them.
  ArrayRef<ScoreTerm> getTerms() const { return terms; }
  /// In the order in which they are computed.
  ArrayRef<ScoreStage> getStages() const { return stages; }
  ArrayRef<CoordinateAxis> getAxes() const;

  /// Whether i − j is m − n plus something that is the same for all m and n.
  /// If not, distances are known per position, and no loop can be split at one.
  bool isIndexDistance() const;
  /// q_offset − k_offset, so that i − j = m − n + this; none if only the run
  /// knows or positions are operands.
  std::optional<int64_t> getDistanceOffset() const;
  /// All claims hold while |i − j|, indices, offsets and positions are below
  /// this. kNoPositionLimit but where a region computes with narrow types.
  int64_t getPositionLimit() const;

  /// All scores whose i − j is in [dMin, dMax]. With stages nothing is masked:
  /// a stage reads what a mask behind it hides.
  TileClass classify(int64_t dMin, int64_t dMax) const;
  /// All scores of a tile.
  TileClass classify(const ScoreTile &tile) const;
  /// Zones that cover all distances, in order. Empty without positions to
  /// measure distances in.
  ArrayRef<ScoreZone> getZones() const { return zones; }

  /// What a scalar of the region depends on. With `from`, an earlier value that
  /// is f32, as a function of it: it counts as the score.
  ValueStructure describe(Value value, Value from = {}) const;
  /// Whether the coordinate is that of the index itself, of one side.
  bool isIndex(scalar::Expr e) const;

  /// Prints an expression of a term, with b, h, m, n, s and d = i − j by name.
  void print(raw_ostream &os, scalar::Expr e, AsmState &state) const;

private:
  struct Evaluators;
  void findStages();
  std::vector<ScoreTerm> findTerms(Value to);
  SmallVector<TermZone> findTermZones(ScoreTerm &term, int64_t lo, int64_t hi);
  void makeEvaluators();
  void findZones();
  void evaluateTerms(ArrayRef<scalar::Evaluator::Range> ranges, TileClass &result) const;

  Operation *op;
  std::unique_ptr<scalar::ExprContext> cx;
  std::unique_ptr<RegionExprs> region;
  std::unique_ptr<Coordinates> coordinates;
  std::vector<ScoreTerm> terms;
  std::vector<ScoreStage> stages;
  SmallVector<ScoreZone> zones;
  /// Stands for the score before a term.
  scalar::Expr incoming = nullptr;
  /// The whole region's value.
  scalar::Expr yielded = nullptr;
  /// They hold the values of their last run: not for several threads.
  std::unique_ptr<Evaluators> evaluators;
};

/// Zones without those of fewer distances than `minLength`, which are too short
/// for a loop of their own.
SmallVector<ScoreZone> coarsenZones(ArrayRef<ScoreZone> zones, int64_t minLength);

/// The structures of every attention and score_map below an op, made when asked
/// for (`getAnalysis<ScoreStructureAnalysis>()`).
class ScoreStructureAnalysis {
public:
  explicit ScoreStructureAnalysis(Operation *) {}
  const ScoreStructure &get(Operation *op);

private:
  llvm::DenseMap<Operation *, std::unique_ptr<ScoreStructure>> structures;
};

} // namespace mlir::posenc

#endif // POSENC_DIALECT_POSENC_ANALYSIS_SCORESTRUCTURE_H
