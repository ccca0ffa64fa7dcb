// The broadcasting of opsets 1 to 6: the second operand lies at an axis of the
// first one, [2, 3, 4] and [3] at axis 1 for instance. Trailing dimensions of
// size 1 make it what every later opset means, [2, 3, 4] and [3, 1].
#include "frontend/ModelImport.h"
#include "frontend/NodeImport.h"
#include "frontend/OldForms.h"

using namespace mlir;

namespace mpc::frontend {

void ModelImport::importOldBroadcast(const Node &node) {
  Node aligned = node;
  aligned.attributes.erase(oldBroadcastAxis);
  int64_t axis = node.attributes.at(oldBroadcastAxis).i;
  {
    NodeImport import(*this, builder, node, oldFormsEnd,
                      trained.contains(node.outputs[0]), result.problems);
    Value lhs = import.operand(0), rhs = import.operand(1);
    if (!lhs || !rhs)
      return addPlaceholders(node);
    SmallVector<int64_t> shape(shapeOf(rhs));
    auto rank = static_cast<int64_t>(shapeOf(lhs).size());
    int64_t behind = rank - static_cast<int64_t>(shape.size()) - axis;
    // One element lies everywhere.
    if (elementCount(shape) != 1 && axis >= 0 && axis < rank && behind > 0) {
      shape.append(behind, 1);
      aligned.inputs[1] = "mpc.aligned:" + node.name;
      setValue(aligned.inputs[1],
               ReshapeOp::create(builder, import.loc, rhs, shape));
    }
  }
  importNode(aligned);
}

} // namespace mpc::frontend
