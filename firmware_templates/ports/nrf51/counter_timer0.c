/* Ticks from TIMER0 of the nRF51 (nRF51 Series Reference Manual 3.0, chapter 18 TIMER). */
#include "tk_config.h"
#include "tk_cortex_m.h"
#include "tk_port.h"

#if !defined(TK_COUNTER_DWT)

#define TIMER_START TK_REG(0x40008000u)
#define TIMER_STOP TK_REG(0x40008004u)
#define TIMER_CLEAR TK_REG(0x4000800Cu)
#define TIMER_CAPTURE0 TK_REG(0x40008040u)
#define TIMER_MODE TK_REG(0x40008504u)
#define TIMER_BITMODE TK_REG(0x40008508u)
#define TIMER_PRESCALER TK_REG(0x40008510u)
#define TIMER_CC0 TK_REG(0x40008540u)
#define TIMER_BITMODE_32 3u

void tk_counter_init(void)
{
    TIMER_STOP = 1;
    TIMER_MODE = 0;
    TIMER_BITMODE = TIMER_BITMODE_32;
    TIMER_PRESCALER = 0; /* 16 MHz */
    TIMER_CLEAR = 1;
    TIMER_START = 1;
}

/* The timer stands still while the core sleeps: it counts the work of this firmware, as the CMSDK port's does. */
void tk_counter_pause(void)
{
    TIMER_STOP = 1;
}

void tk_counter_resume(void)
{
    TIMER_START = 1;
}

/* 32 bits at 16 MHz, extended at each reading: a run must last less than one turn (2^32 ticks, 268 s). */
uint64_t tk_port_ticks(void)
{
    static uint64_t total;
    static uint32_t last;
    TIMER_CAPTURE0 = 1;
    const uint32_t now = TIMER_CC0;
    total += (uint32_t)(now - last);
    last = now;
    return total;
}

#endif
