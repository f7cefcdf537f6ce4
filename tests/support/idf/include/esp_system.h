#pragma once

void esp_restart(void) __attribute__((__noreturn__));
