// LibraryCall <-> JSON.
#include "runtime/artifact/ManifestJson.h"
#include "runtime/artifact/ManifestNames.h"

namespace mpcrt {

using json = nlohmann::ordered_json;

namespace {
ProductForm readProduct(const JsonReader &object) {
  ProductForm product;
  product.batch = object["batch"].integer(1);
  product.m = object["m"].integer(1);
  product.n = object["n"].integer(1);
  product.k = object["k"].integer(1);
  product.transA = object["trans_a"].boolean();
  product.transB = object["trans_b"].boolean();
  product.alpha = object["alpha"].number();
  return product;
}

json productJson(const ProductForm &product) {
  return {{"batch", product.batch},
          {"m", product.m},
          {"n", product.n},
          {"k", product.k},
          {"trans_a", product.transA},
          {"trans_b", product.transB},
          {"alpha", product.alpha}};
}

ConvolutionForm readConvolution(const JsonReader &object) {
  ConvolutionForm convolution;
  const std::string name = object["convolution"].text();
  if (auto kind = enumFromName<ConvolutionForm::Kind>(convolutionNames, name))
    convolution.kind = *kind;
  else
    object["convolution"].fail("is '" + name +
                               "', expected 'forward', 'input_gradient' or "
                               "'weight_gradient'");
  convolution.input = readNumbers<4>(object["input"], 1);
  convolution.weight = readNumbers<4>(object["weight"], 1);
  convolution.strides = readNumbers<2>(object["strides"], 1);
  convolution.pads = readNumbers<2>(object["pads"], 0);
  convolution.dilations = readNumbers<2>(object["dilations"], 1);
  convolution.groups = object["groups"].integer(1);
  return convolution;
}

json convolutionJson(const ConvolutionForm &convolution) {
  return {{"convolution", convolutionNames[size_t(convolution.kind)]},
          {"input", convolution.input},
          {"weight", convolution.weight},
          {"strides", convolution.strides},
          {"pads", convolution.pads},
          {"dilations", convolution.dilations},
          {"groups", convolution.groups}};
}
} // namespace

LibraryCall readLibraryCall(const JsonReader &object) {
  LibraryCall call;
  call.launches = object["launches"].integer(1);
  if (object.has("convolution"))
    call.form = readConvolution(object);
  else
    call.form = readProduct(object);
  const LibraryInfo &library = call.library();
  if (const std::string name = object["name"].text(); name != library.name)
    object.fail("names library '" + name + "' for a " + library.computes +
                ", expected '" + library.name + "'");
  call.type = readDType(object["type"]);
  call.resultType = readDType(object["result_type"]);
  call.a = object["a"].integer(0);
  call.b = object["b"].integer(0);
  call.result = object["result"].integer(0);
  if (object.has("bias"))
    call.bias = object["bias"].integer(0);
  return call;
}

json libraryCallJson(const LibraryCall &call) {
  json object = {{"name", call.library().name}, {"launches", call.launches}};
  if (auto *product = std::get_if<ProductForm>(&call.form))
    object.update(productJson(*product));
  else
    object.update(convolutionJson(std::get<ConvolutionForm>(call.form)));
  object["type"] = dtypeName(call.type);
  object["result_type"] = dtypeName(call.resultType);
  object["a"] = call.a;
  object["b"] = call.b;
  object["result"] = call.result;
  if (call.bias >= 0)
    object["bias"] = call.bias;
  return object;
}

} // namespace mpcrt
