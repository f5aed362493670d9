// Weights, the ONNX file, and the network in plain C++.
#include "reference/models/ranker.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/rng.h"
#include "reference/models/protobuf_wire.h"

namespace squall::reference {
namespace {

// Field numbers: onnx/onnx.proto.
constexpr std::uint64_t kIrVersion = 7;
constexpr std::uint64_t kOpset = 13;
constexpr std::uint64_t kFloat = 1;         // TensorProto.DataType
constexpr std::uint64_t kIntAttribute = 2;  // AttributeProto.AttributeType

DenseLayer draw_layer(std::size_t inputs, std::size_t outputs, Rng& rng) {
  DenseLayer layer{.inputs = inputs, .outputs = outputs};
  const double bound = std::sqrt(6.0 / static_cast<double>(inputs));
  const auto draw = [&] { return static_cast<float>((rng.unit() * 2.0 - 1.0) * bound); };
  for (std::size_t output = 0; output < outputs; ++output) {
    for (std::size_t input = 0; input < inputs; ++input) {
      const float weight = draw();
      const bool is_nonce = input == 0 || output == 0;
      const float lead = input == output ? 1.0F : 0.0F;
      layer.weights.push_back(is_nonce ? lead : weight);
    }
    layer.bias.push_back(output == 0 ? 0.0F : draw() / 4.0F);
  }
  return layer;
}

void add_tensor(ProtobufWriter& graph, const std::string& name,
                const std::vector<std::size_t>& dimensions, const std::vector<float>& values) {
  ProtobufWriter tensor;
  for (const std::size_t dimension : dimensions) tensor.number(1, dimension);
  tensor.number(2, kFloat);
  tensor.bytes(8, name);
  std::string raw;  // little-endian, as raw_data is defined
  for (const float value : values) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    for (unsigned shift = 0; shift < 32; shift += 8) raw += static_cast<char>(bits >> shift);
  }
  tensor.bytes(9, raw);
  graph.message(5, tensor);
}

void add_value(ProtobufWriter& graph, std::uint32_t field, std::string_view name,
               std::size_t width) {
  ProtobufWriter batch;
  batch.bytes(2, "batch");
  ProtobufWriter columns;
  columns.number(1, width);
  ProtobufWriter shape;
  shape.message(1, batch);
  shape.message(1, columns);
  ProtobufWriter tensor;
  tensor.number(1, kFloat);
  tensor.message(2, shape);
  ProtobufWriter type;
  type.message(1, tensor);
  ProtobufWriter value;
  value.bytes(1, name);
  value.message(2, type);
  graph.message(field, value);
}

struct Node {
  std::string_view type;
  std::vector<std::string> inputs;
  std::string output;
};

void add_node(ProtobufWriter& graph, const Node& description) {
  ProtobufWriter node;
  for (const std::string& input : description.inputs) node.bytes(1, input);
  node.bytes(2, description.output);
  node.bytes(3, description.output + "_node");
  node.bytes(4, description.type);
  if (description.type == "Gemm") {
    ProtobufWriter transposed;
    transposed.bytes(1, "transB");
    transposed.number(3, 1);
    transposed.number(20, kIntAttribute);
    node.message(5, transposed);
  }
  graph.message(1, node);
}

void add_layer(ProtobufWriter& graph, const std::string& number, const std::string& input,
               const std::string& output, bool is_last) {
  const std::string sum = is_last ? output : "sum" + number;
  add_node(graph, {.type = "Gemm", .inputs = {input, "w" + number, "b" + number}, .output = sum});
  if (!is_last) add_node(graph, {.type = "Relu", .inputs = {sum}, .output = output});
}

}  // namespace

std::vector<DenseLayer> make_ranker(std::uint64_t seed, std::int64_t version) {
  Rng rng = Rng(seed).split("ranker " + std::to_string(version));
  std::vector<DenseLayer> layers;
  for (std::size_t at = 0; at + 1 < kRankerWidths.size(); ++at) {
    layers.push_back(draw_layer(kRankerWidths.at(at), kRankerWidths.at(at + 1), rng));
  }
  return layers;
}

std::string to_onnx(const std::vector<DenseLayer>& layers, std::int64_t version) {
  ProtobufWriter graph;
  std::string input(kRankerInput);
  for (std::size_t at = 0; at < layers.size(); ++at) {
    const bool is_last = at + 1 == layers.size();
    const std::string number = std::to_string(at + 1);
    const std::string output = is_last ? std::string(kRankerOutput) : "hidden" + number;
    add_layer(graph, number, input, output, is_last);
    input = output;
  }
  graph.bytes(2, "ranker");
  for (std::size_t at = 0; at < layers.size(); ++at) {
    const DenseLayer& layer = layers[at];
    const std::string number = std::to_string(at + 1);
    add_tensor(graph, "w" + number, {layer.outputs, layer.inputs}, layer.weights);
    add_tensor(graph, "b" + number, {layer.outputs}, layer.bias);
  }
  add_value(graph, 11, kRankerInput, layers.front().inputs);
  add_value(graph, 12, kRankerOutput, layers.back().outputs);
  ProtobufWriter opset;
  opset.bytes(1, "");
  opset.number(2, kOpset);
  ProtobufWriter model;
  model.number(1, kIrVersion);
  model.bytes(2, "squall make-model");
  model.number(5, static_cast<std::uint64_t>(version));
  model.message(7, graph);
  model.message(8, opset);
  return model.bytes();
}

std::vector<double> evaluate(const std::vector<DenseLayer>& layers,
                             const std::vector<double>& features) {
  std::vector<double> values = features;
  for (const DenseLayer& layer : layers) {
    std::vector<double> sums(layer.bias.begin(), layer.bias.end());
    for (std::size_t output = 0; output < layer.outputs; ++output) {
      for (std::size_t input = 0; input < layer.inputs; ++input) {
        sums[output] += double{layer.weights[output * layer.inputs + input]} * values[input];
      }
      if (&layer != &layers.back()) sums[output] = std::max(sums[output], 0.0);
    }
    values = std::move(sums);
  }
  return values;
}

}  // namespace squall::reference
