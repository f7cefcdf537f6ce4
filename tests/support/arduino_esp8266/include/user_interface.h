#pragma once

void system_soft_wdt_feed(void);
void system_restart(void);
