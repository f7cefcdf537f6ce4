#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void setup(void);
void loop(void);
void yield(void);
uint64_t micros64(void);
