// Writes for each op a program of all its instances and, from the reference,
// what their results may be, for mpc_gpu_numerics.
#include "compiler/lowering/ElementTypes.h"
#include "mlir/IR/IRMapping.h"
#include "nlohmann/json.hpp"
#include "runtime/artifact/ContainerWriter.h"
#include "test/gpu/numerics/Compile.h"
#include "test/gpu/numerics/Group.h"
#include "test/numerics/Instances.h"
#include <filesystem>

using namespace mlir;
using namespace mpc;
using namespace mpc::test;

// All functions one after another, as one @forward.
static std::string combined(Instances &instances) {
  OwningOpRef<ModuleOp> module;
  func::FuncOp forward;
  SmallVector<Type> inputs, outputs;
  SmallVector<Value> values;
  OpBuilder b(static_cast<MLIRContext *>(nullptr));
  instances.forEach([&](func::FuncOp function, const Case &) {
    llvm::append_range(inputs, function.getArgumentTypes());
    llvm::append_range(outputs, function.getResultTypes());
    if (module)
      return;
    b = OpBuilder(function.getContext());
    module = ModuleOp::create(function.getLoc());
  });
  b.setInsertionPointToEnd(module->getBody());
  forward = func::FuncOp::create(b, module->getLoc(), "forward",
                                 b.getFunctionType(inputs, outputs));
  b.setInsertionPointToEnd(forward.addEntryBlock());
  size_t next = 0;
  instances.forEach([&](func::FuncOp function, const Case &) {
    IRMapping mapping;
    for (Value argument : function.getArguments())
      mapping.map(argument, forward.getArgument(unsigned(next++)));
    for (Operation &op : function.front().without_terminator())
      b.clone(op, mapping);
    for (Value value : function.front().getTerminator()->getOperands())
      values.push_back(mapping.lookup(value));
  });
  func::ReturnOp::create(b, module->getLoc(), values);
  std::string text;
  llvm::raw_string_ostream(text) << *module;
  return text;
}

namespace {
class GroupWriter {
public:
  void add(func::FuncOp function, const Case &c) {
    std::string text;
    llvm::raw_string_ostream(text) << function;
    std::vector<Tensors> sets = Instances::arguments(function, c);
    list.push_back({{"text", text},
                    {"inputs", function.getNumArguments()},
                    {"outputs", function.getNumResults()},
                    {"sets", sets.size()}});
    for (size_t set = 0; set < sets.size(); ++set) {
      addInputs(sets[set], set, sets.front());
      addAllowed(function, sets[set], set);
    }
    inputs += function.getNumArguments();
    outputs += function.getNumResults();
  }

  mpcrt::Status write(const std::string &path) {
    writer.setMetadata(instancesKey, list.dump());
    return writer.write(path);
  }

private:
  nlohmann::json list = nlohmann::json::array();
  mpcrt::ContainerWriter writer;
  size_t inputs = 0, outputs = 0; ///< so far

  void put(const char *what, size_t index, size_t set, RankedTensorType type,
           mpcrt::DType dtype, std::vector<std::byte> bytes) {
    writer.addOwned(what + ("." + std::to_string(index)) + "." +
                        std::to_string(set),
                    dtype, type.getShape(), std::move(bytes));
  }

  void addInputs(const Tensors &arguments, size_t set, const Tensors &first) {
    for (size_t i = 0; i < arguments.size(); ++i) {
      const reference::Tensor &argument = arguments[i];
      mpcrt::DType dtype = *artifactType(argument.type.getElementType());
      auto bytesOf = [&](const reference::Tensor &tensor) {
        return encode({tensor.floats, tensor.integers}, dtype);
      };
      std::vector<std::byte> bytes = bytesOf(argument);
      if (set == 0 || bytes != bytesOf(first[i]))
        put("input", inputs + i, set, argument.type, dtype, std::move(bytes));
    }
  }

  void addAllowed(func::FuncOp function, const Tensors &arguments, size_t set) {
    Expectation expected(function, arguments);
    for (size_t i = 0; i < expected.allowed.size(); ++i) {
      const Allowed &allowed = expected.allowed[i];
      auto type = cast<RankedTensorType>(function.getResultTypes()[i]);
      mpcrt::DType dtype = *artifactType(type.getElementType());
      put("low", outputs + i, set, type, dtype, encode(allowed.low, dtype));
      if (!isa<FloatType>(type.getElementType()))
        continue;
      put("high", outputs + i, set, type, dtype, encode(allowed.high, dtype));
      std::vector<std::byte> flags;
      for (uint8_t flag : allowed.flags)
        flags.push_back(std::byte(flag));
      put("flags", outputs + i, set, type, mpcrt::DType::U8, std::move(flags));
    }
  }
};
} // namespace

static bool bundle(const std::string &op, const std::string &folder,
                   const std::string &target) {
  Instances instances(op);
  if (!compileArtifact(combined(instances), op, target,
                       folder + "/" + target + "/" + op + ".mpx"))
    return false;
  std::string cases = folder + "/" + op + ".cases";
  if (std::filesystem::exists(cases))
    return true;
  GroupWriter group;
  instances.forEach(
      [&](func::FuncOp function, const Case &c) { group.add(function, c); });
  mpcrt::Status status = group.write(cases);
  if (!status.ok())
    llvm::errs() << status.message() << "\n";
  return status.ok();
}

int main(int argc, char **argv) {
  if (argc < 3) {
    llvm::errs() << "usage: gpu_numerics_bundle FOLDER TARGET [OP...]\n"
                    "writes FOLDER/OP.cases, if it is not there, and "
                    "FOLDER/TARGET/OP.mpx\n";
    return 2;
  }
  std::string folder = argv[1], target = argv[2];
  std::filesystem::create_directories(folder + "/" + target);
  std::set<std::string> ops(argv + 3, argv + argc);
  const std::set<std::string> known = testedOps();
  for (const std::string &op : ops)
    if (!known.count(op)) {
      llvm::errs() << op << ": no such op; leave OP away for all\n";
      return 2;
    }
  if (ops.empty())
    ops = known;
  for (const std::string &op : ops)
    if (!bundle(op, folder, target)) {
      llvm::errs() << op << ": no bundle\n";
      return 1;
    }
  llvm::outs() << ops.size() << " ops for " << target << "\n";
  return 0;
}
