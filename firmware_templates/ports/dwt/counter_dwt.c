/* Ticks from the core's own cycle counter (Armv7-M Architecture Reference Manual, DDI 0403, Data Watchpoint and Trace). Emulators
 * have the registers, but the counter stands still there: their boards use a timer. */
#include "tk_config.h"
#include "tk_cortex_m.h"
#include "tk_port.h"

#if defined(TK_COUNTER_DWT)

#define DEMCR TK_REG(0xE000EDFCu)
#define DEMCR_TRCENA (1u << 24)
#define DWT_CTRL TK_REG(0xE0001000u)
#define DWT_CYCCNT TK_REG(0xE0001004u)
#define DWT_LAR TK_REG(0xE0001FB0u)
#define DWT_CYCCNTENA (1u << 0)
#define LAR_UNLOCK 0xC5ACCE55u /* CoreSight Architecture Specification, lock access; the Cortex-M7 insists on it */

static uint64_t total;
static uint32_t last;

void tk_counter_init(void)
{
    DEMCR |= DEMCR_TRCENA;
    DWT_LAR = LAR_UNLOCK;
    DWT_CYCCNT = 0;
    DWT_CTRL |= DWT_CYCCNTENA;
    total = 0;
    last = 0;
}

/* Whether the counter runs through a sleep depends on the chip and on a debugger being attached; the time does not
 * count either way. */
void tk_counter_pause(void)
{
    (void)tk_port_ticks();
}

void tk_counter_resume(void)
{
    last = DWT_CYCCNT;
}

/* 32 bits, extended at each reading: a run must last less than one turn (2^32 cycles, 67 s at 64 MHz). */
uint64_t tk_port_ticks(void)
{
    const uint32_t now = DWT_CYCCNT;
    total += (uint32_t)(now - last);
    last = now;
    return total;
}

#endif
