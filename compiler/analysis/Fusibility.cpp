#include "compiler/analysis/Fusibility.h"
#include "compiler/analysis/Providers.h"

using namespace mlir;
using namespace mpc;

Value mpc::viewedValue(Value value) {
  while (auto view = value.getDefiningOp<ReshapeOp>())
    value = view.getInput();
  return value;
}

bool mpc::isReadBehind(Operation *op, Operation *place) {
  return llvm::all_of(op->getUsers(), [&](Operation *user) {
    return place->isBeforeInBlock(user);
  });
}

bool mpc::needsKernel(Operation *op) {
  return !isa<ReadOp, ConstantOp, ReshapeOp>(op) &&
         !op->hasTrait<OpTrait::IsTerminator>();
}

static bool isElementwise(Operation *op) {
  return op->hasTrait<mpc::trait::Elementwise>();
}

// Its result's element is read from memory when it is needed.
static bool mayHaveNoRoot(Operation *op) {
  return isElementwise(op) || isa<ExpandRowsOp>(op);
}

Value mpc::transformedTensor(Operation *op) {
  if (!isElementwise(op) || op->getNumResults() != 1)
    return {};
  auto hasShape = [&](Value operand) {
    return shapeOf(operand) == shapeOf(op->getResult(0));
  };
  auto tensor = llvm::find_if(op->getOperands(), hasShape);
  if (tensor == op->operand_end())
    return {};
  for (Value operand : op->getOperands())
    if (operand != *tensor && elementCount(shapeOf(operand)) != 1)
      return {};
  return *tensor;
}

// Calls `f` with every op that reads `value`, directly or through views.
static void forEachReader(Value value,
                          llvm::function_ref<void(Operation *)> f) {
  for (Operation *user : value.getUsers()) {
    if (auto view = dyn_cast<ReshapeOp>(user))
      forEachReader(view.getResult(), f);
    else
      f(user);
  }
}

KernelPartition::KernelPartition(func::FuncOp function) {
  for (Operation &op : function.front()) {
    if (!needsKernel(&op))
      continue;
    numbers[&op] = int64_t(all.size());
    all.emplace_back();
    all.back().ops.insert(&op);
    all.back().root = mayHaveNoRoot(&op) ? nullptr : &op;
  }
  auto commit = dyn_cast<CommitOp>(function.front().getTerminator());
  if (!commit)
    return;
  for (auto [value, state] :
       llvm::zip_equal(commit.getPredicated(), commit.getPredicatedStates()))
    committed[value] = state;
  for (auto [value, state] :
       llvm::zip_equal(commit.getAlways(), commit.getAlwaysStates()))
    committed[value] = state;
}

int64_t KernelPartition::kernelOf(Operation *op) const {
  auto found = numbers.find(op);
  return found == numbers.end() ? -1 : found->second;
}

llvm::SetVector<int64_t> KernelPartition::usersOf(int64_t number) const {
  llvm::SetVector<int64_t> users;
  for (Operation *op : all[size_t(number)].ops)
    for (Value result : op->getResults())
      forEachReader(result, [&](Operation *reader) {
        int64_t user = kernelOf(reader);
        if (user >= 0 && user != number)
          users.insert(user);
      });
  return users;
}

// Whether `to` depends on `from` through a third kernel.
bool KernelPartition::hasPathAround(int64_t from, int64_t to) const {
  llvm::SetVector<int64_t> reached = usersOf(from);
  reached.remove(to);
  for (size_t i = 0; i < reached.size(); ++i)
    for (int64_t next : usersOf(reached[i])) {
      if (next == to)
        return true;
      reached.insert(next);
    }
  return false;
}

// Whether `user` may read `value` as an element inside its own kernel.
bool KernelPartition::fitEdge(Value value, Operation *user) const {
  if (isa<ExpandRowsOp>(user))
    return false; // which reads another element
  if (isElementwise(user))
    return llvm::all_of(user->getResults(), [&](Value result) {
      return shapeOf(result) == shapeOf(value);
    });
  const Kernel &producer = all[size_t(kernelOf(value.getDefiningOp()))];
  bool readsOnce = user->hasTrait<trait::ReadsOnce>();
  return llvm::all_of(producer.ops, [&](Operation *op) {
    return isa<CastOp>(op) || (readsOnce && transformedTensor(op));
  });
}

// Whether `result` becomes the next value of a state that the kernel reads.
bool KernelPartition::overwritesInput(Value result,
                                      const Kernel &kernel) const {
  Attribute state = committed.lookup(result);
  return state && llvm::any_of(kernel.ops, [&](Operation *op) {
           return llvm::any_of(op->getOperands(), [&](Value operand) {
             auto read = viewedValue(operand).getDefiningOp<ReadOp>();
             return read && read.getStateAttr() == state;
           });
         });
}

// Whether what expand_rows reads may be found in memory.
static bool mayExpand(const KernelPartition::Kernel &kernel) {
  return llvm::all_of(kernel.ops, [&](Operation *op) {
    return !isa<ExpandRowsOp>(op) ||
           (!kernel.root && llvm::none_of(op->getOperands(), [&](Value value) {
             return kernel.ops.contains(value.getDefiningOp());
           }));
  });
}

bool KernelPartition::isValid(const Kernel &kernel) const {
  if (!mayExpand(kernel))
    return false;
  // The results of the root that a value depends on.
  llvm::DenseMap<Value, llvm::SetVector<Value>> sources;
  std::optional<ArrayRef<int64_t>> space;
  for (Operation &op : *kernel.ops.front()->getBlock()) {
    if (!kernel.ops.contains(&op))
      continue;
    llvm::SetVector<Value> own;
    for (Value operand : op.getOperands())
      own.insert_range(sources[operand]);
    for (Value result : op.getResults()) {
      if (&op == kernel.root) {
        sources[result].insert(result);
        continue;
      }
      sources[result] = own;
      bool leaves = llvm::any_of(result.getUsers(), [&](Operation *user) {
        return !kernel.ops.contains(user);
      });
      if (kernel.root) {
        if (leaves && (own.empty() || overwritesInput(result, kernel)))
          return false;
      } else if (shapeOf(result) != space.value_or(shapeOf(result))) {
        return false;
      }
      space = shapeOf(result);
      for (Value source : own)
        if (shapeOf(source) != shapeOf(result))
          return false;
    }
  }
  return true;
}

// A library computes its own op and nothing else.
static bool staysAlone(const KernelPartition::Kernel &kernel) {
  return kernel.root && isLibraryOp(kernel.root);
}

bool KernelPartition::merge(int64_t first, int64_t second) {
  if (first == second || (all[size_t(first)].root && all[size_t(second)].root))
    return false;
  if (staysAlone(all[size_t(first)]) || staysAlone(all[size_t(second)]))
    return false;
  Kernel merged = all[size_t(first)];
  merged.ops.insert_range(all[size_t(second)].ops);
  if (!merged.root)
    merged.root = all[size_t(second)].root;
  if (!isValid(merged) || hasPathAround(first, second) ||
      hasPathAround(second, first))
    return false;
  for (Operation *op : all[size_t(second)].ops)
    numbers[op] = first;
  all[size_t(second)] = Kernel();
  all[size_t(first)] = std::move(merged);
  return true;
}

void KernelPartition::mergeEdge(Value value, Operation *user, bool withRoots) {
  Operation *producer = value.getDefiningOp();
  if (!producer || !needsKernel(producer) || !fitEdge(value, user))
    return;
  int64_t first = kernelOf(producer), second = kernelOf(user);
  bool rooted = all[size_t(first)].root || all[size_t(second)].root;
  if (rooted == withRoots)
    merge(first, second);
}

void KernelPartition::fuse() {
  SmallVector<Operation *> ops;
  for (const Kernel &kernel : all)
    ops.push_back(kernel.ops.front());
  // From the end and without roots first: an update then joins the select that
  // commits it, and not the kernel of its gradient, so that states are written
  // in place.
  for (bool withRoots : {false, true})
    for (Operation *user : llvm::reverse(ops))
      for (Value operand : user->getOperands())
        mergeEdge(operand, user, withRoots);

  // What tensors wait for does not wait for other kernels because of others.
  auto delaysReaders = [&](int64_t scalars, Operation *op) {
    bool waits = llvm::any_of(op->getOperands(), [&](Value operand) {
      Operation *producer = viewedValue(operand).getDefiningOp();
      return producer && needsKernel(producer) && kernelOf(producer) != scalars;
    });
    return waits && !usersOf(scalars).empty();
  };
  int64_t scalars = -1;
  for (Operation *op : ops) {
    int64_t number = kernelOf(op);
    if (all[size_t(number)].root || !shapeOf(op->getResult(0)).empty())
      continue;
    if (scalars < 0 || delaysReaders(scalars, op) || !merge(scalars, number))
      scalars = number;
  }
}
