/* Ticks from the 32-bit timer TIM2 (RM0090, TIM2 to TIM5), for emulators, where the core's cycle counter stands still.
 *
 * The timer is never told to start anew or when to overflow: QEMU would wake up for that, again and again, all through
 * a sleep. It counts through sleeps; they are left out by looking before and after. */
#include "stm32.h"
#include "tk_port.h"

#if defined(TK_COUNTER_TIM2)

#define TIM2_CR1 TK_REG(0x40000000u)
#define TIM2_CNT TK_REG(0x40000024u)
#define CR1_ENABLE 1u

static uint64_t total;
static uint32_t last;

void tk_counter_init(void)
{
    TK_REG(TK_TIM2_ENABLE) |= 1u << TK_TIM2_ENABLE_BIT;
    TIM2_CR1 = CR1_ENABLE;
    total = 0;
    last = TIM2_CNT;
}

void tk_counter_pause(void)
{
    (void)tk_port_ticks();
}

void tk_counter_resume(void)
{
    last = TIM2_CNT;
}

/* Extended at each reading: a run must last less than one turn, 2^32 ticks. */
uint64_t tk_port_ticks(void)
{
    const uint32_t now = TIM2_CNT;
    total += (uint32_t)(now - last);
    last = now;
    return total;
}

#endif
