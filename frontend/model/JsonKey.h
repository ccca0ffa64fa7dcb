// What a key of a JSON layer may hold and where it goes: one table of types for
// the reader, its messages and the published schema.
#ifndef MPC_FRONTEND_MODEL_JSONKEY_H
#define MPC_FRONTEND_MODEL_JSONKEY_H

#include "frontend/model/Json.h"
#include "runtime/artifact/DType.h"

namespace mpc::frontend {

struct JsonKey {
  enum class Type {
    Integer,  ///< a whole number of at least `least`
    Number,   ///< a finite number
    Flag,     ///< true or false
    Text,     ///< a text that is not empty
    Choice,   ///< one of `choices`
    Integers, ///< a list of whole numbers of at least `least`
    Numbers,  ///< a list of finite numbers
    Window,   ///< one such number for all spatial dimensions, or one for each
    Pad,      ///< a Window of one number per dimension or per side, or "same"
    DType     ///< the name of an element type
  };
  /// Where the value goes in the node.
  enum class Place {
    Read,      ///< where the layer's own code puts it
    Attribute, ///< to the ONNX attribute `attribute`
    Operand    ///< to the next operand, as a constant
  };

  std::string name;
  Type type = Type::Integer;
  Place place = Place::Attribute;
  std::string attribute; ///< the key's own name by default
  int64_t least = INT64_MIN;
  std::vector<std::string> choices;
  bool isRequired = false;

  // The table's words; each gives the key with one thing changed.
  JsonKey required() const;
  JsonKey as(std::string attribute) const;
  JsonKey operand() const;
  JsonKey read() const;
};

JsonKey integerKey(std::string name, int64_t least = INT64_MIN);
JsonKey numberKey(std::string name);
JsonKey flagKey(std::string name);
JsonKey textKey(std::string name);
JsonKey choiceKey(std::string name, std::vector<std::string> choices);
JsonKey integersKey(std::string name, int64_t least = INT64_MIN);
JsonKey numbersKey(std::string name);
JsonKey windowKey(std::string name, int64_t least);
JsonKey padKey(std::string name);
JsonKey dtypeKey(std::string name);

/// Whether the value is what the key holds.
bool fits(const JsonKey &key, const Json &value);
/// What the key holds, e.g. "a whole number of at least 1".
std::string expectation(const JsonKey &key);
/// A value that fits, as JSON.
std::string exampleOf(const JsonKey &key);

/// An element type by a name that a model may use, and that type's number in
/// ONNX (TensorProto.DataType).
struct JsonDType {
  const char *name;
  mpcrt::DType dtype;
  int onnx;
};
/// All of them; the short names come last.
const std::vector<JsonDType> &jsonDTypes();
/// The type of that name, or null.
const JsonDType *findDType(const std::string &name);

} // namespace mpc::frontend

#endif
