// `squall completion`: words for the shell, made from the program's own commands.
#include <CLI/CLI.hpp>
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

std::string flags_of(const CLI::App& command) {
  std::string flags;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      flags += (flags.empty() ? "--" : " --") + name;
    }
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
      "  local current=${COMP_WORDS[COMP_CWORD]} flags=\n"
      "  if ((COMP_CWORD == 1)); then\n"
      "    flags=" +
      quoted_words(joined(commands) + " --help --version") +
      "\n"
      "    mapfile -t COMPREPLY < <(compgen -W \"$flags\" -- \"$current\")\n"
      "    return\n"
      "  fi\n"
      "  case ${COMP_WORDS[1]} in\n";
  for (const std::string& name : commands) {
    const std::string flags = quoted_words(flags_of(*program.get_subcommand(name)));
    text += "    " + name + ")\n      flags=" + flags + "\n      ;;\n";
  }
  return text +
         "  esac\n"
         "  if [[ $current == -* ]]; then\n"
         "    mapfile -t COMPREPLY < <(compgen -W \"$flags\" -- \"$current\")\n"
         "  else\n"
         "    mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
         "  fi\n"
         "}\n"
         "complete -o filenames -F _squall squall\n";
}

std::string zsh_script(const CLI::App& program) {
  return "#compdef squall\n# made by `squall completion zsh`\n"
         "autoload -U +X bashcompinit && bashcompinit\n" +
         bash_script(program);
}

}  // namespace

void add_completion(CLI::App& program, Chosen& chosen) {
  auto shell = std::make_shared<std::string>();
  CLI::App* command = program.add_subcommand("completion", "Print a shell's completion script");
  command->add_option("SHELL", *shell, "bash or zsh")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh"}));
  command->footer("Example:\n  source <(squall completion bash)");
  command->callback([shell, &chosen, &program] {
    chosen.run = [shell, &program] {
      print_text(*shell == "bash" ? bash_script(program) : zsh_script(program));
      return 0;
    };
  });
}

}  // namespace squall
