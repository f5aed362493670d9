// `squall completion`: words for the shell, made from the program's own commands.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "cli/commands.h"
#include "cli/print.h"

namespace squall {
namespace {

constexpr std::size_t kTextWidth = 92;

std::vector<std::string> commands_of(const CLI::App& program) {
  std::vector<std::string> names;
  for (const CLI::App* command : program.get_subcommands([](const CLI::App*) { return true; })) {
    if (!command->get_group().empty()) names.push_back(command->get_name());
  }
  return names;
}

void add_flags(const CLI::App& command, std::vector<std::string>& flags) {
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      const std::string flag = "--" + name;
      if (std::find(flags.begin(), flags.end(), flag) == flags.end()) flags.push_back(flag);
    }
  }
}

// The command's own, and those of its parts (the workloads of generate).
std::vector<std::string> flags_of(const CLI::App& command) {
  std::vector<std::string> flags;
  add_flags(command, flags);
  for (const std::string& part : commands_of(command)) {
    add_flags(*command.get_subcommand(part), flags);
  }
  return flags;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

// A shell's list of words in single quotes, over as many lines as it needs.
std::string quoted_words(const std::string& words) {
  return "'\n" + wrap(words, kTextWidth, "        ") + "      '";
}

std::string bash_script(const CLI::App& program) {
  const std::vector<std::string> commands = commands_of(program);
  std::string text =
      "# bash completion for squall; made by `squall completion bash`\n"
      "_squall() {\n"
      "  local current=${COMP_WORDS[COMP_CWORD]} flags= words=\n"
      "  if ((COMP_CWORD == 1)); then\n"
      "    flags=" +
      quoted_words(joined(commands) + " --help --version") +
      "\n"
      "    mapfile -t COMPREPLY < <(compgen -W \"$flags\" -- \"$current\")\n"
      "    return\n"
      "  fi\n"
      "  case ${COMP_WORDS[1]} in\n";
  for (const std::string& name : commands) {
    const CLI::App& command = *program.get_subcommand(name);
    text += "    " + name + ")\n      flags=" + quoted_words(joined(flags_of(command))) + "\n";
    const std::vector<std::string> parts = commands_of(command);
    if (!parts.empty()) text += "      words=" + quoted_words(joined(parts)) + "\n";
    text += "      ;;\n";
  }
  return text +
         "  esac\n"
         "  if [[ $current == -* ]]; then\n"
         "    mapfile -t COMPREPLY < <(compgen -W \"$flags\" -- \"$current\")\n"
         "  else\n"
         "    mapfile -t COMPREPLY < <(compgen -f -W \"$words\" -- \"$current\")\n"
         "  fi\n"
         "}\n"
         "complete -o filenames -F _squall squall\n";
}

std::string zsh_script(const CLI::App& program) {
  return "#compdef squall\n# made by `squall completion zsh`\n"
         "autoload -U +X bashcompinit && bashcompinit\n" +
         bash_script(program);
}

std::string fish_quoted(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "'";
}

// Fish shows what a flag is for, and asks for a value where it takes one.
std::string fish_flags(const CLI::App& command) {
  std::string text;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      text += "complete -c squall -n '__fish_seen_subcommand_from " + command.get_name() + "' -l " +
              name + (option->get_items_expected_max() > 0 ? " -r" : "") + " -d " +
              fish_quoted(option->get_description()) + "\n";
    }
  }
  return text;
}

std::string fish_script(const CLI::App& program) {
  std::string text =
      "# fish completion for squall; made by `squall completion fish`\n"
      "complete -c squall -n __fish_use_subcommand -f\n"
      "complete -c squall -n __fish_use_subcommand -l help -d 'Print the commands and exit'\n"
      "complete -c squall -n __fish_use_subcommand -l version -d 'Print the version and exit'\n";
  for (const std::string& name : commands_of(program)) {
    const CLI::App& command = *program.get_subcommand(name);
    text += "complete -c squall -n __fish_use_subcommand -a " + name + " -d " +
            fish_quoted(command.get_description()) + "\n" + fish_flags(command);
    for (const std::string& part : commands_of(command)) {
      const CLI::App& workload = *command.get_subcommand(part);
      text += "complete -c squall -n '__fish_seen_subcommand_from " + name + "' -a " + part +
              " -d " + fish_quoted(workload.get_description()) + "\n" + fish_flags(workload);
    }
  }
  return text;
}

std::string script_for(const std::string& shell, const CLI::App& program) {
  if (shell == "bash") return bash_script(program);
  if (shell == "zsh") return zsh_script(program);
  return fish_script(program);
}

}  // namespace

void add_completion(CLI::App& program, Chosen& chosen) {
  auto shell = std::make_shared<std::string>();
  CLI::App* command = program.add_subcommand("completion", "Print a shell's completion script");
  command->add_option("SHELL", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command->footer("Example:\n  source <(squall completion bash)");
  command->callback([shell, &chosen, &program] {
    chosen.run = [shell, &program] {
      print_text(script_for(*shell, program));
      return 0;
    };
  });
}

}  // namespace squall
