#include "frontend/model/Graph.h"
#include "frontend/model/Nearest.h"

#include <functional>
#include <queue>
#include <set>

namespace mpc::frontend {
namespace {

Problem nodeProblem(const Node &node, std::string message, std::string action) {
  Problem problem = modelProblem(mpcrt::Code::InvalidData, std::move(message),
                                 std::move(action));
  problem.node = node.name;
  problem.opType = node.opType;
  problem.line = node.line;
  return problem;
}

void nameNodes(Graph &graph) {
  std::set<std::string> used;
  for (Node &node : graph.nodes) {
    std::string old = node.name;
    for (const std::string &output : node.outputs)
      if (node.name.empty())
        node.name = output;
    if (node.name.empty())
      node.name = node.opType;
    std::string wanted = node.name;
    for (int i = 2; !used.insert(node.name).second; ++i)
      node.name = wanted + "#" + std::to_string(i);
    if (!old.empty() && node.name != old)
      graph.reports.push_back("a second node named '" + old + "' is called '" +
                              node.name + "'");
  }
}

// Who defines each value: a node's index, or -1 for inputs and tensors.
std::map<std::string, int> findProducers(const Graph &graph,
                                         Problems &problems) {
  std::map<std::string, int> producers;
  auto define = [&](const std::string &value, int who) {
    if (value.empty() || producers.emplace(value, who).second)
      return;
    std::string message = "value '" + value + "' is defined twice";
    std::string action = "give every value one producer";
    if (who >= 0)
      problems.push_back(nodeProblem(graph.nodes[who], message, action));
    else
      problems.push_back(
          modelProblem(mpcrt::Code::InvalidData, message, action));
  };
  for (const ValueInfo &input : graph.inputs)
    define(input.name, -1);
  for (const Tensor &tensor : graph.tensors)
    define(tensor.name, -1);
  for (size_t i = 0; i < graph.nodes.size(); ++i)
    for (const std::string &output : graph.nodes[i].outputs)
      define(output, static_cast<int>(i));
  return producers;
}

void reportCycle(const Graph &graph, const std::vector<int> &waiting,
                 Problems &problems) {
  std::string names;
  int count = 0;
  for (size_t i = 0; i < waiting.size(); ++i) {
    if (waiting[i] == 0)
      continue;
    if (count++ < 5)
      names += (names.empty() ? "'" : ", '") + graph.nodes[i].name + "'";
  }
  if (count > 5)
    names += " and " + std::to_string(count - 5) + " more";
  problems.push_back(
      modelProblem(mpcrt::Code::InvalidData,
                   "nodes wait for each other in a cycle: " + names,
                   "a model must be acyclic; break the cycle"));
}

// Kahn's algorithm; among nodes that are ready the file's order decides.
void sortNodes(Graph &graph, const std::map<std::string, int> &producers,
               Problems &problems) {
  size_t count = graph.nodes.size();
  std::vector<std::vector<int>> consumers(count);
  std::vector<int> waiting(count, 0);
  for (size_t i = 0; i < count; ++i)
    for (const std::string &input : graph.nodes[i].inputs)
      if (auto it = producers.find(input);
          it != producers.end() && it->second >= 0) {
        consumers[it->second].push_back(static_cast<int>(i));
        ++waiting[i];
      }
  std::priority_queue<int, std::vector<int>, std::greater<>> ready;
  for (size_t i = 0; i < count; ++i)
    if (waiting[i] == 0)
      ready.push(static_cast<int>(i));
  std::vector<Node> sorted;
  sorted.reserve(count);
  std::vector<int> order;
  while (!ready.empty()) {
    int next = ready.top();
    ready.pop();
    order.push_back(next);
    for (int consumer : consumers[next])
      if (--waiting[consumer] == 0)
        ready.push(consumer);
  }
  if (order.size() < count)
    return reportCycle(graph, waiting, problems);
  for (int index : order)
    sorted.push_back(std::move(graph.nodes[index]));
  graph.nodes = std::move(sorted);
}

// Searching takes time by the square, so it is done for few names.
constexpr size_t mostCandidates = 1000;
constexpr int mostSuggestions = 5;

void reportUndefined(const Graph &graph,
                     const std::map<std::string, int> &producers,
                     Problems &problems) {
  std::vector<std::string> names;
  if (producers.size() <= mostCandidates)
    for (const auto &[name, who] : producers)
      names.push_back(name);
  int suggestions = 0;
  for (const Node &node : graph.nodes)
    for (const std::string &input : node.inputs) {
      if (input.empty() || producers.count(input))
        continue;
      std::string meant =
          ++suggestions <= mostSuggestions ? nearest(input, names) : "";
      problems.push_back(nodeProblem(
          node, "reads '" + input + "', which nothing defines",
          meant.empty()
              ? "name an input, an initialiser or another node's output"
              : "write '" + meant + "', or define it"));
    }
}

} // namespace

void finishGraph(Graph &graph, Problems &problems) {
  nameNodes(graph);
  std::map<std::string, int> producers = findProducers(graph, problems);
  reportUndefined(graph, producers, problems);
  for (const ValueInfo &output : graph.outputs)
    if (!producers.count(output.name))
      problems.push_back(modelProblem(mpcrt::Code::InvalidData,
                                      "nothing computes the model's output '" +
                                          output.name + "'",
                                      "name a node's output"));
  if (graph.outputs.empty())
    problems.push_back(modelProblem(mpcrt::Code::InvalidData,
                                    "the model has no outputs",
                                    "declare at least one"));
  sortNodes(graph, producers, problems);
}

} // namespace mpc::frontend
