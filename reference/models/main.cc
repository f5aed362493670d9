// make-model: writes one version of the ranker into a repository folder.
#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdio>
#include <string>

#include "reference/models/ranker.h"
#include "reference/models/repository_layout.h"

namespace {

struct Options {
  std::uint64_t seed = 1;
  std::int64_t version = 1;
  std::string model = "ranker";
  std::string out;
};

int run(int argc, char** argv) {
  Options options;
  CLI::App program("Writes a version of the reference model, ONNX with its digest.", "make-model");
  program.add_option("--seed", options.seed, "the weights are drawn from it")
      ->capture_default_str();
  program.add_option("--version", options.version, "a positive number; other weights for each")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  program.add_option("--model", options.model, "the model's name, a folder")->capture_default_str();
  program.add_option("--out", options.out, "the repository folder")->required();
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? 0 : 2;
  }
  const std::string onnx = squall::reference::to_onnx(
      squall::reference::make_ranker(options.seed, options.version), options.version);
  const auto published =
      squall::reference::publish_version(options.out, options.model, options.version, onnx);
  if (published.ok()) return 0;
  (void)std::fprintf(stderr, "make-model: %s\n", published.error().what.c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    (void)std::fprintf(stderr, "make-model: %s\n", error.what());
    return 1;
  }
}
