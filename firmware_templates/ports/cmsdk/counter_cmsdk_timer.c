/* Ticks from the 32-bit down-counter of the Cortex-M System Design Kit (Arm DDI 0479, "APB timer").
 *
 * Extended to 64 bits at each reading. One turn between two readings is seen through the timer's own flag
 * even where the value alone would not show it; the counter restarts after each sleep, so a run may last
 * almost two turns (2^33 ticks) before its count would be wrong.
 *
 * The timer stands still while the core sleeps: it counts the work of this firmware. (A running timer would
 * also keep an emulator's clock, and with it the host's processor, busy all through the sleep.)
 */
#include "tk_config.h"
#include "tk_cortex_m.h"
#include "tk_port.h"

#if defined(TK_CMSDK_TIMER_BASE)

#define TIMER_CTRL TK_REG(TK_CMSDK_TIMER_BASE + 0x00u)
#define TIMER_VALUE TK_REG(TK_CMSDK_TIMER_BASE + 0x04u)
#define TIMER_RELOAD TK_REG(TK_CMSDK_TIMER_BASE + 0x08u)
#define TIMER_INTSTATUS TK_REG(TK_CMSDK_TIMER_BASE + 0x0Cu) /* write 1: clear */

#define CTRL_ENABLE (1u << 0)
#define CTRL_INTERRUPT (1u << 3) /* lets INTSTATUS be set; the interrupt itself stays off in the NVIC */

static uint64_t total;
static uint32_t last;

void tk_counter_init(void)
{
    total = 0;
    TIMER_CTRL = 0;
    TIMER_RELOAD = UINT32_MAX;
    tk_counter_resume();
}

void tk_counter_pause(void)
{
    (void)tk_port_ticks();
    TIMER_CTRL = 0;
}

void tk_counter_resume(void)
{
    TIMER_VALUE = UINT32_MAX;
    TIMER_INTSTATUS = 1;
    last = UINT32_MAX;
    TIMER_CTRL = CTRL_ENABLE | CTRL_INTERRUPT;
}

uint64_t tk_port_ticks(void)
{
    uint32_t turned;
    uint32_t now;
    do {
        turned = TIMER_INTSTATUS;
        now = TIMER_VALUE;
    } while (TIMER_INTSTATUS != turned);

    total += last - now; /* modulo 2^32: right for less than one turn */
    if (turned != 0) {
        TIMER_INTSTATUS = 1;
        if (now <= last) {
            total += (uint64_t)1 << 32;
        }
    }
    last = now;
    return total;
}

#endif
