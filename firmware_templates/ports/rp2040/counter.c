/* Cycles of the system clock: SysTick gives the low 24 bits, the microsecond timer tells how often they went round.
 *
 * SysTick counts every cycle but turns over after 134 ms at 125 MHz, and counting the turns would take an interrupt,
 * which would be measured with the model. The 64-bit timer is driven by the same crystal (RP2040 datasheet, 2.15
 * Clocks and 4.6 Timer; RP2350 datasheet, 8.1 and 12.8), so both run at an exact ratio, and the count is the one number
 * near the timer's that ends in SysTick's 24 bits. Exact for any run time, as long as the two reads are less than half
 * a turn of SysTick apart. Both go on while the core sleeps.
 */
#include "tk_config.h"
#include "tk_cortex_m.h"
#include "tk_pico.h"
#include "tk_port.h"

#include "hardware/clocks.h"
#include "hardware/structs/systick.h"
#include "hardware/timer.h"

#if SYS_CLK_HZ != TK_COUNTER_HZ
#error "the board file's counter.hz is not the frequency that the Pico SDK sets for this board"
#endif

#define CYCLES_PER_US (TK_COUNTER_HZ / 1000000u)
#define SYSTICK_MASK 0x00FFFFFFu
#define CSR_ENABLE_PROCESSOR_CLOCK 5u

static uint32_t difference; /* of SysTick and timer in cycles, at the start */

static uint32_t systick_cycles(void)
{
    return (0u - systick_hw->cvr) & SYSTICK_MASK; /* it counts down */
}

void tk_counter_init(void)
{
    systick_hw->rvr = SYSTICK_MASK;
    systick_hw->cvr = 0; /* any value: starts anew */
    systick_hw->csr = CSR_ENABLE_PROCESSOR_CLOCK;
    difference = systick_cycles() - (uint32_t)(time_us_64() * CYCLES_PER_US);
}

uint64_t tk_port_ticks(void)
{
    const uint32_t fine = systick_cycles();
    const uint64_t coarse = time_us_64() * CYCLES_PER_US;
    /* The timer ticks once per microsecond and is read later, so SysTick's count is a little behind or ahead of it: 24
     * bits with a sign. Without a branch, so that reading the counter takes the same time whichever it is. */
    const int32_t ahead = (int32_t)((fine - (uint32_t)coarse - difference) << 8) >> 8;
    return coarse + (uint64_t)(int64_t)ahead;
}

void tk_counter_pause(void) {}

void tk_counter_resume(void) {}
