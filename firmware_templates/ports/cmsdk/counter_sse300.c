/* Ticks from the 64-bit system counter of the SSE-300 subsystem (Arm 101773, "System counter"). It runs through
 * sleep and needs no care there. */
#include "tk_config.h"
#include "tk_cortex_m.h"
#include "tk_port.h"

#if defined(TK_SSE300_COUNTER_READ)

#define CNTCR TK_REG(TK_SSE300_COUNTER_CONTROL)
#define CNTCV_LOW TK_REG(TK_SSE300_COUNTER_READ)
#define CNTCV_HIGH TK_REG(TK_SSE300_COUNTER_READ + 4u)

#define CNTCR_ENABLE (1u << 0)

void tk_counter_init(void)
{
    CNTCR = CNTCR_ENABLE;
}

void tk_counter_pause(void) {}

void tk_counter_resume(void) {}

uint64_t tk_port_ticks(void)
{
    uint32_t high;
    uint32_t low;
    do {
        high = CNTCV_HIGH;
        low = CNTCV_LOW;
    } while (CNTCV_HIGH != high);
    return (uint64_t)high << 32 | low;
}

#endif
