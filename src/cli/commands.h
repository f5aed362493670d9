// The subcommands of `squall`, one file each.  A command adds itself to the program and, when it is
// the one that was called, leaves its exit code behind.
#pragma once

#include <functional>
#include <string>

namespace CLI {
class App;
}

namespace squall {

// What the chosen command runs after parsing; set by its callback.
struct Chosen {
  std::function<int()> run;
};

void add_run(CLI::App& program, Chosen& chosen);
void add_hunt(CLI::App& program, Chosen& chosen);
void add_shrink(CLI::App& program, Chosen& chosen);
void add_replay(CLI::App& program, Chosen& chosen);
void add_check(CLI::App& program, Chosen& chosen);
void add_export(CLI::App& program, Chosen& chosen);
void add_generate(CLI::App& program, Chosen& chosen);
void add_report(CLI::App& program, Chosen& chosen);
void add_validate(CLI::App& program, Chosen& chosen);
void add_schema(CLI::App& program, Chosen& chosen);
void add_faults(CLI::App& program, Chosen& chosen);
void add_checkers(CLI::App& program, Chosen& chosen);
void add_clients(CLI::App& program, Chosen& chosen);
void add_doctor(CLI::App& program, Chosen& chosen);
void add_agent(CLI::App& program, Chosen& chosen);
void add_recover(CLI::App& program, Chosen& chosen);
void add_query(CLI::App& program, Chosen& chosen);
void add_init(CLI::App& program, Chosen& chosen);
void add_shell(CLI::App& program, Chosen& chosen);
void add_client(CLI::App& program, Chosen& chosen);        // hidden: started by agents
void add_sealed_guest(CLI::App& program, Chosen& chosen);  // hidden: process 1 of a machine
void add_completion(CLI::App& program, Chosen& chosen);

}  // namespace squall
