// The picture of a report: a box for what a node of the model does in one
// direction, whatever the number of ops, with forward, backward and update
// boxes of a node side by side. So forward runs down, backward runs up beside
// it, and what one keeps for the other crosses between them. An edge carries
// the type that the value is read in; it is red if that takes a cast. Left out
// is what is f32 under every policy and belongs to no node: the loss scale's
// arithmetic and the state that updates read.
#include "compiler/analysis/PrecisionReport.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

using nlohmann::json;

namespace {

struct Box {
  std::string node, op, direction;
  llvm::SetVector<llvm::StringRef> formats;
  std::string why;
};

class Graph {
public:
  explicit Graph(const json &report);
  void print(llvm::raw_ostream &os) const;

private:
  void addOp(const json &op);
  bool isOfAModelNode(const Box &box) const;
  void printBox(unsigned index, llvm::raw_ostream &os) const;
  void printEdges(const json &op, llvm::StringSet<> &printed,
                  llvm::raw_ostream &os) const;
  void printRows(llvm::raw_ostream &os) const;

  const json &ops;
  std::vector<Box> boxes;
  std::vector<unsigned> boxOf;                   ///< by the op's id
  llvm::StringMap<unsigned> rowOf;               ///< by the node's name
  std::vector<llvm::SmallVector<unsigned>> rows; ///< the boxes of a node
};

} // namespace

static llvm::StringRef text(const json &value) {
  return value.get_ref<const std::string &>();
}

static std::string nameOf(const json &op) {
  llvm::SmallVector<llvm::StringRef> names(llvm::map_range(op["node"], text));
  return names.empty() ? text(op["ir"]).str() : llvm::join(names, ", ");
}

static std::string inQuotes(llvm::StringRef name) {
  std::string result;
  for (char c : name) {
    if (c == '"' || c == '\\')
      result += '\\';
    result += c;
  }
  return '"' + result + '"';
}

static llvm::StringRef colourOf(const Box &box) {
  if (box.formats.contains("f16"))
    return "#9ecae1";
  return box.formats.contains("bf16") ? "#a1d99b" : "#fdd0a2";
}

// A value that is read in a type other than the one it is stored in.
static bool isCast(const json &ops, const json &from, llvm::StringRef read) {
  if (from.is_string()) // Inputs are f32; state has narrow copies of its own.
    return text(from).front() != '@' && (read == "f16" || read == "bf16");
  return llvm::none_of(
      ops[from.get<size_t>()]["stores"],
      [&](const json &slot) { return text(slot["type"]) == read; });
}

Graph::Graph(const json &report) : ops(report["ops"]) {
  for (const json &op : ops)
    addOp(op);
}

void Graph::addOp(const json &op) {
  std::string node = nameOf(op);
  std::string type = text(op[text(op["op"]).empty() ? "ir" : "op"]).str();
  llvm::StringRef direction = text(op["direction"]);
  unsigned number = rowOf.try_emplace(node, rows.size()).first->second;
  if (number == rows.size())
    rows.emplace_back();
  llvm::SmallVector<unsigned> &row = rows[number];
  auto *found = llvm::find_if(row, [&](unsigned index) {
    return boxes[index].op == type && boxes[index].direction == direction;
  });
  if (found == row.end()) {
    boxes.push_back({node, type, direction.str(), {}, {}});
    row.push_back(boxes.size() - 1);
    found = row.end() - 1;
  }
  Box &box = boxes[*found];
  boxOf.push_back(*found);
  for (const json &slot : op["stores"])
    box.formats.insert(text(slot["type"]));
  if (box.why.empty())
    box.why = (text(op["reason"]) + " (" + text(op["origin"]) + ")").str();
}

bool Graph::isOfAModelNode(const Box &box) const {
  return llvm::any_of(rows[rowOf.at(box.node)], [&](unsigned index) {
    return boxes[index].direction != "update";
  });
}

void Graph::printBox(unsigned index, llvm::raw_ostream &os) const {
  const Box &box = boxes[index];
  auto escaped = [](llvm::StringRef part) {
    return llvm::StringRef(inQuotes(part)).drop_front().drop_back().str();
  };
  os << "  box" << index << " [label=\"" << escaped(box.node) << "\\n"
     << escaped(box.op) << " " << box.direction << "\\n"
     << llvm::join(box.formats, ", ") << "\", fillcolor=\"" << colourOf(box)
     << "\", tooltip=" << inQuotes(box.why) << "];\n";
}

void Graph::printEdges(const json &op, llvm::StringSet<> &printed,
                       llvm::raw_ostream &os) const {
  unsigned index = boxOf[op["id"].get<size_t>()];
  const Box &to = boxes[index];
  for (auto [from, slot] : llvm::zip_equal(op["inputs"], op["reads"])) {
    bool update = to.direction == "update";
    std::string line;
    llvm::raw_string_ostream edge(line);
    llvm::StringRef layout;
    if (from.is_number()) {
      unsigned source = boxOf[from.get<size_t>()];
      const std::string &direction = boxes[source].direction;
      if (source == index || direction == "update" ||
          (boxes[source].node == to.node && direction == to.direction))
        continue;
      // Backward is ranked against its direction, to stand beside forward.
      bool against = direction == "backward" && to.direction == "backward";
      if (against)
        layout = ", dir=back, weight=9";
      else if (direction != to.direction)
        layout = ", constraint=false";
      else
        layout = ", weight=9";
      edge << "box" << (against ? index : source) << " -> box"
           << (against ? source : index);
    } else {
      if (from == "constant" || update)
        continue;
      // Stands above what reads it first.
      if (!printed.insert(text(from)).second)
        layout = ", constraint=false";
      edge << inQuotes(text(from)) << " -> box" << index;
    }
    llvm::StringRef type = text(slot["type"]);
    edge << " [label=" << inQuotes(type) << layout
         << (isCast(ops, from, type) ? ", color=red" : "") << "]";
    if (printed.insert(line).second)
      os << "  " << line << ";\n";
  }
}

void Graph::printRows(llvm::raw_ostream &os) const {
  for (const auto &row : rows) {
    if (row.size() == 1 || !isOfAModelNode(boxes[row.front()]))
      continue;
    os << "  {rank=same; edge [style=invis]; ";
    llvm::interleave(
        row, os, [&](unsigned index) { os << "box" << index; }, " -> ");
    os << "}\n";
  }
}

void Graph::print(llvm::raw_ostream &os) const {
  os << "digraph precision {\n"
     << "  // f16 is blue, bf16 green, f32 orange, a cast red.\n"
     << "  node [shape=plaintext, fontname=sans];\n"
     << "  edge [fontname=sans, fontsize=10];\n";
  llvm::StringSet<> printed;
  std::string edges;
  llvm::raw_string_ostream edgesOut(edges);
  for (const json &op : ops)
    if (isOfAModelNode(boxes[boxOf[op["id"].get<size_t>()]]))
      printEdges(op, printed, edgesOut);
  os << "  {\n  node [shape=box, style=\"filled,rounded\"];\n";
  for (unsigned index = 0; index < boxes.size(); ++index)
    if (isOfAModelNode(boxes[index]))
      printBox(index, os);
  os << "  }\n" << edges;
  printRows(os);
  os << "}\n";
}

void mpc::printDot(const json &report, llvm::raw_ostream &os) {
  Graph(report).print(os);
}
