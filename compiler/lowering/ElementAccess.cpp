#include "compiler/lowering/ElementAccess.h"
#include "compiler/lowering/ScalarOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mpc;

static bool isOneElement(Value value) {
  return elementCount(shapeOf(value)) == 1;
}

// Buffers start at multiples of 64 bytes; no access is wider than 16.
llvm::MaybeAlign ElementAccess::alignment(Value memory, int64_t lanes) const {
  auto type = cast<MemRefType>(memory.getType());
  bool rowsAreWhole =
      type.getRank() == 1 ||
      (type.getRank() > 1 && type.getShape().back() % lanes == 0);
  if (amongAll.empty() ? !areWhole || !rowsAreWhole
                       : ArrayRef(amongAll) != type.getShape())
    return {};
  int64_t bytes = lanes * type.getElementTypeBitWidth() / 8;
  return llvm::Align(std::min<int64_t>(llvm::PowerOf2Ceil(bytes), 16));
}

bool mpc::isBesideAllRows(ArrayRef<int64_t> shape, ArrayRef<int64_t> rows) {
  return !shape.empty() && !rows.empty() && shape != rows &&
         shape.back() == rows.back() && elementCount(shape) == shape.back();
}

static Value splatConstant(OpBuilder &b, Location loc, ConstantOp op) {
  auto value = cast<SplatElementsAttr>(op.getValue());
  Type element = elementTypeOf(op.getResult());
  if (isa<FloatType>(element)) {
    APFloat number = value.getSplatValue<APFloat>();
    bool inexact;
    number.convert(APFloat::IEEEsingle(), APFloat::rmNearestTiesToEven,
                   &inexact);
    return arith::ConstantOp::create(b, loc,
                                     b.getFloatAttr(b.getF32Type(), number));
  }
  return arith::ConstantOp::create(
      b, loc, b.getIntegerAttr(element, value.getSplatValue<APInt>()));
}

ElementAccess::ElementAccess(OpBuilder &b, KernelOp kernel, Operation *root,
                             ValueRange inputs, ValueRange results)
    : kernel(kernel), root(root), resultMemory(results) {
  Block &body = kernel.getBody().front();
  for (auto [argument, buffer] : llvm::zip_equal(body.getArguments(), inputs))
    memory[argument] = buffer;
  for (Operation &op : body.without_terminator()) {
    SmallVector<Value> sources;
    for (Value operand : op.getOperands())
      for (Value source : rootSources.lookup(operand))
        if (!llvm::is_contained(sources, source))
          sources.push_back(source);
    for (Value result : op.getResults())
      rootSources[result] = &op == root ? SmallVector<Value>{result} : sources;
  }
  prepare(b, kernel.getLoc());
}

// Evaluates what has one element and does not depend on the root, so that loops
// find it ready.
void ElementAccess::prepare(OpBuilder &b, Location loc) {
  Block &body = kernel.getBody().front();
  Value zero = indexConstant(b, loc, 0);
  for (BlockArgument argument : body.getArguments())
    if (isOneElement(argument)) {
      SmallVector<Value> zeros(shapeOf(argument).size(), zero);
      uniform[argument] = loadElement(b, loc, memory[argument],
                                      elementTypeOf(argument), zeros, 1);
    }
  for (Operation &op : body.without_terminator()) {
    if (&op == root)
      continue;
    if (auto constant = dyn_cast<ConstantOp>(op)) {
      uniform[constant.getResult()] = splatConstant(b, loc, constant);
      continue;
    }
    if (auto expand = dyn_cast<ExpandRowsOp>(op)) {
      ArrayRef<int64_t> rows = shapeOf(expand.getRows());
      Value matrix = reshapeMemory(b, loc, memory[expand.getRows()],
                                   {rows[0], elementCount(rows.drop_front())});
      expanded[&op] = {matrix, memory[expand.getFirst()]};
      continue;
    }
    SmallVector<Value> operands;
    for (Value operand : op.getOperands())
      operands.push_back(uniform.lookup(operand));
    prepared[&op] =
        cast<ScalarOpInterface>(&op).prepareScalar(b, loc, operands);
    if (!llvm::is_contained(operands, Value()) &&
        llvm::all_of(op.getResults(), isOneElement)) {
      evaluateOp(b, loc, &op, {}, 1, uniform);
    }
  }
}

Value ElementAccess::memoryOf(Value value) const {
  return memory.lookup(value);
}

bool mpc::isFlat(Value value) {
  Operation *op = value.getDefiningOp();
  return !op || llvm::all_of(op->getOperands(), [&](Value operand) {
    return isOneElement(operand) || operand.getDefiningOp<ConstantOp>() ||
           (shapeOf(operand) == shapeOf(value) && isFlat(operand));
  });
}

Shape ElementAccess::viewShape(Value value) const {
  Shape shape(shapeOf(value));
  if (isFlatNow)
    return {elementCount(shape)};
  if (mergedRank < 0)
    return shape;
  shape.insert(shape.begin(), size_t(mergedRank) - shape.size(), 1);
  Shape view;
  for (ArrayRef<int64_t> group : merged) {
    view.push_back(1);
    for (int64_t dimension : group)
      view.back() *= shape[size_t(dimension)];
  }
  return view;
}

// Made once, where the function begins.
Value ElementAccess::flatMemory(Value argument) {
  Value &view = flat[argument];
  if (!view) {
    Value buffer = memory.lookup(argument);
    OpBuilder b(buffer.getContext());
    b.setInsertionPointToStart(buffer.getParentBlock());
    view = reshapeMemory(b, kernel.getLoc(), buffer,
                         {elementCount(shapeOf(argument))});
  }
  return view;
}

// Indices of an operand of shape `shape` for an element at `indices` of what it
// broadcasts to.
static SmallVector<Value> project(OpBuilder &b, Location loc,
                                  ArrayRef<int64_t> shape, ValueRange indices) {
  SmallVector<Value> projected(indices.take_back(shape.size()));
  for (auto [index, extent] : llvm::zip_equal(projected, shape))
    if (extent == 1)
      index = indexConstant(b, loc, 0);
  return projected;
}

Value ElementAccess::evaluate(OpBuilder &b, Location loc, Value value,
                              ValueRange indices, int64_t lanes, Memo &memo) {
  if (Value ready = uniform.lookup(value))
    return ready;
  if (Value done = memo.lookup(value))
    return done;
  Shape shape = viewShape(value);
  SmallVector<Value> own = project(b, loc, shape, indices);
  int64_t ownLanes = shape.empty() || shape.back() == 1 ? 1 : lanes;
  if (Value buffer = memory.lookup(value)) {
    Value view = isFlatNow ? flatMemory(value) : buffer;
    ArrayRef<int64_t> ofView = cast<MemRefType>(view.getType()).getShape();
    memo[value] =
        ownLanes > 1 && beginInRow && isBesideAllRows(ofView, amongAll)
            ? loadShifted(b, loc, view, elementTypeOf(value), own, ownLanes,
                          beginInRow)
            : loadElement(b, loc, view, elementTypeOf(value), own, ownLanes,
                          alignment(view, ownLanes));
  } else
    evaluateOp(b, loc, value.getDefiningOp(), own, ownLanes, memo);
  return memo.lookup(value);
}

// In place of a row that is not there the last one is read and dropped, without
// a branch that loads behind it would wait for.
Value ElementAccess::loadExpanded(OpBuilder &b, Location loc, ExpandRowsOp op,
                                  ValueRange indices, int64_t lanes) {
  Shape shape = viewShape(op.getResult());
  if (lanes > 1 && shape.size() == 1) {
    SmallVector<Value> elements; // of different rows
    for (int64_t lane = 0; lane < lanes; ++lane) {
      Value row = arith::AddIOp::create(b, loc, indices[0],
                                        indexConstant(b, loc, lane));
      elements.push_back(loadExpanded(b, loc, op, row, 1));
    }
    auto type = VectorType::get({lanes}, elements[0].getType());
    return vector::FromElementsOp::create(b, loc, type, elements);
  }
  ExpandedMemory source = expanded.lookup(op);
  Value number = arith::IndexCastOp::create(
      b, loc, b.getIndexType(),
      memref::LoadOp::create(b, loc, source.first, indices[0]));
  Value last = indexConstant(b, loc, shapeOf(op.getRows())[0] - 1);
  Value isThere =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ule, number, last);
  Value row = arith::MinUIOp::create(b, loc, number, last);
  Value column = indexConstant(b, loc, 0);
  for (auto [index, extent] :
       llvm::zip_equal(indices.drop_front(), ArrayRef(shape).drop_front()))
    column = arith::AddIOp::create(
        b, loc, index,
        arith::MulIOp::create(b, loc, column, indexConstant(b, loc, extent)));
  Type type = elementTypeOf(op.getResult());
  Value element = loadElement(b, loc, source.rows, type, {row, column}, lanes,
                              alignment(source.rows, lanes));
  Value zero =
      arith::ConstantOp::create(b, loc, b.getZeroAttr(element.getType()));
  return arith::SelectOp::create(b, loc, isThere, element, zero);
}

void ElementAccess::evaluateOp(OpBuilder &b, Location loc, Operation *op,
                               ValueRange indices, int64_t lanes, Memo &memo) {
  if (auto expand = dyn_cast<ExpandRowsOp>(op)) {
    memo[expand.getResult()] = loadExpanded(b, loc, expand, indices, lanes);
    return;
  }
  SmallVector<Value> operands;
  // Elements of the root come in as many lanes as its emitter has, even where
  // the last extent is 1 and one lane would do.
  for (Value operand : op->getOperands()) {
    operands.push_back(evaluate(b, loc, operand, indices, lanes, memo));
    lanes = std::max(lanes, lanesOf(operands.back()));
  }
  for (Value &element : operands)
    element = broadcastLanes(b, loc, element, lanes);
  for (Value extra : prepared.lookup(op))
    operands.push_back(broadcastLanes(b, loc, extra, lanes));
  auto scalar = cast<ScalarOpInterface>(op);
  auto elements = scalar.emitScalar(b, loc, operands);
  for (auto [result, element] : llvm::zip_equal(op->getResults(), elements)) {
    Type type = elementTypeOf(result);
    bool exact =
        scalar.isExact() && llvm::all_of(op->getOperands(), [&](Value operand) {
          Type read = elementTypeOf(operand);
          return !isa<FloatType>(read) || read == type;
        });
    memo[result] = exact ? element : roundTo(b, loc, element, type);
  }
}

Value ElementAccess::load(OpBuilder &b, Location loc, Value value,
                          ValueRange indices, int64_t lanes) {
  assert(rootSources.lookup(value).empty() && "depends on the root");
  Memo memo;
  return broadcastLanes(b, loc, evaluate(b, loc, value, indices, lanes, memo),
                        lanes);
}

Value ElementAccess::loadFlat(OpBuilder &b, Location loc, Value value,
                              Value position, int64_t lanes) {
  isFlatNow = true;
  Value element = load(b, loc, value, position, lanes);
  isFlatNow = false;
  return element;
}

bool ElementAccess::dependsOnlyOn(Value value, const Memo &elements) const {
  ArrayRef<Value> sources = rootSources.find(value) == rootSources.end()
                                ? ArrayRef<Value>()
                                : rootSources.find(value)->second;
  return sources.empty() == elements.empty() &&
         llvm::all_of(sources,
                      [&](Value source) { return elements.contains(source); });
}

void ElementAccess::store(OpBuilder &b, Location loc,
                          ArrayRef<std::pair<Value, Value>> rootElements,
                          ValueRange indices, int64_t lanes) {
  Memo memo;
  for (auto [result, element] : rootElements)
    memo[result] = roundTo(b, loc, element, elementTypeOf(result));
  Memo given = memo;
  // All elements are computed before the first is stored: a result may lie in
  // the buffer of an operand.
  SmallVector<std::pair<Value, Value>> stores;
  ValueRange yielded = kernel.getBody().front().getTerminator()->getOperands();
  for (auto [value, buffer] : llvm::zip_equal(yielded, resultMemory)) {
    if (!dependsOnlyOn(value, given))
      continue;
    Value element = broadcastLanes(
        b, loc, evaluate(b, loc, value, indices, lanes, memo), lanes);
    stores.push_back({buffer, toMemory(b, loc, element, elementTypeOf(value))});
  }
  for (auto [buffer, raw] : stores) {
    if (lanes == 1)
      memref::StoreOp::create(b, loc, raw, buffer, indices);
    else
      vector::StoreOp::create(b, loc, raw, buffer, indices, isStreaming,
                              alignment(buffer, lanes));
  }
}

void ElementAccess::mergeDimensions(OpBuilder &b, Location loc,
                                    ArrayRef<SmallVector<int64_t>> groups,
                                    int64_t rank) {
  merged.assign(groups.begin(), groups.end());
  mergedRank = rank;
  for (auto &[argument, buffer] : memory)
    buffer = reshapeMemory(b, loc, buffer, viewShape(argument));
  ValueRange yielded = kernel.getBody().front().getTerminator()->getOperands();
  for (auto [value, buffer] : llvm::zip_equal(yielded, resultMemory))
    buffer = reshapeMemory(b, loc, buffer, viewShape(value));
}
