#include "compiler/reference/Models.h"

using namespace mlir;

void mpc::reference::registerModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, MpcDialect *) {
    attachElementwiseModels(context);
    attachUnaryModels(context);
    attachRelationModels(context);
    attachShapeModels(context);
    attachIndexingModels(context);
    attachReductionModels(context);
    attachLinearAlgebraModels(context);
    attachConvolutionModels(context);
    attachPoolingModels(context);
    attachSoftmaxModels(context);
    attachNormalizationModels(context);
    attachRowNormalizationModels(context);
    attachLossModels(context);
    attachRandomModels(context);
    attachOptimizerModels(context);
    attachScalingModels(context);
    attachStateModels(context);
  });
}
