#include "shape.hpp"

#include <algorithm>

#include "../options.hpp"
#include "../verbs.hpp"

namespace tokenvault::cli {
namespace {

/// From what help shows for a value: "FILE", "VAR=NAME", "json|tsv".
std::string kind_of(std::string type) {
  type.resize(std::min(type.find(':'), type.size()));  // CLI11 adds what its checks say
  if (type == "URI" || type == "FILE" || type.ends_with("|FILE")) return "file";
  if (type == "NAME" || type == "PREFIX") return "name";
  if (type.ends_with("=NAME")) return "assign";
  const bool words =
      std::ranges::all_of(type, [](char c) { return (c >= 'a' && c <= 'z') || c == '-' || c == '|'; });
  if (!words || type.empty()) return "none";
  std::ranges::replace(type, '|', ' ');
  return "words " + type;
}

void collect(const CLI::App& app, VerbShape& shape) {
  for (const auto* option : app.get_options()) {
    const auto& type = option->get_type_name();
    if (option->get_positional()) {
      const auto kind = kind_of(type.empty() ? option->get_name(true) : type);
      if (shape.operand == "none") shape.operand = kind;
      continue;
    }
    const bool flag = option->get_items_expected_max() == 0;
    for (const auto& name : option->get_lnames())
      shape.options.push_back({"--" + name, option->get_description(), flag ? "flag" : kind_of(type)});
  }
  for (const auto* group : app.get_subcommands({})) collect(*group, shape);
}

VerbShape shape_of(const Verb& verb) {
  Request request;
  request.verb = verb.words;
  CLI::App app;
  app.set_help_flag();
  add_verb_options(app, request);
  VerbShape shape{std::string(verb.words), std::string(verb.summary), {}};
  collect(app, shape);
  return shape;
}

}  // namespace

std::vector<VerbShape> verb_shapes() {
  std::vector<VerbShape> shapes;
  for (const auto& verb : all_verbs()) {
    const auto group = verb.words.substr(0, verb.words.rfind(' '));
    if (group != verb.words && std::ranges::find(shapes, group, &VerbShape::words) == shapes.end())
      shapes.push_back({std::string(group), members_of(group), {}, "none", false});
    shapes.push_back(shape_of(verb));
  }
  return shapes;
}

std::vector<OptionShape> global_shapes() {
  Request request;
  CLI::App app;
  add_global_options(app, request);
  VerbShape shape;
  collect(app, shape);
  return shape.options;
}

}  // namespace tokenvault::cli
