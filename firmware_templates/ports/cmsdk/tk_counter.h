/* The counter behind tk_port_ticks(); one of counter_cmsdk_timer.c and counter_sse300.c defines it. */
#ifndef TK_COUNTER_H
#define TK_COUNTER_H

void tk_counter_init(void);

/* Called before and after the core sleeps. */
void tk_counter_pause(void);
void tk_counter_resume(void);

#endif
