// The rows of the injectors' table, one function per file.
#pragma once

#include "injectors/injector.h"

namespace squall {

[[nodiscard]] InjectorRow clock_skew_row();
[[nodiscard]] InjectorRow network_delay_row();
[[nodiscard]] InjectorRow network_loss_row();
[[nodiscard]] InjectorRow network_partition_row();
[[nodiscard]] InjectorRow process_kill_row();
[[nodiscard]] InjectorRow process_pause_row();

}  // namespace squall
