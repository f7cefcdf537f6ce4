/* Ticks from SysTick (Armv7-M Architecture Reference Manual, DDI 0403, System timer), for emulated chips that have no
 * other counter. It has 24 bits, too few for one model, so an interrupt counts its turns: a dozen instructions every
 * 2^24 ticks, which is the price. It stands still while the core sleeps. */
#include "tk_config.h"
#include "tk_cortex_m.h"
#include "tk_port.h"

#if defined(TK_COUNTER_SYSTICK)

#define SYST_CSR TK_REG(0xE000E010u)
#define SYST_RVR TK_REG(0xE000E014u)
#define SYST_CVR TK_REG(0xE000E018u)
#define SCB_ICSR TK_REG(0xE000ED04u)
#define CSR_ENABLE (1u << 0)
#define CSR_INTERRUPT (1u << 1)
#define CSR_CORE_CLOCK (1u << 2)
#define ICSR_SYSTICK_PENDING (1u << 26)
#define LARGEST 0x00FFFFFFu

static uint64_t total;          /* up to the last pause */
static volatile uint32_t turns; /* since then */

void tk_systick_interrupt(void)
{
    ++turns;
}

void tk_counter_init(void)
{
    total = 0;
    SYST_RVR = LARGEST;
    tk_counter_resume();
}

void tk_counter_pause(void)
{
    total = tk_port_ticks();
    SYST_CSR = 0;
    turns = 0;
    SYST_CVR = 0;
}

void tk_counter_resume(void)
{
    turns = 0;
    SYST_CVR = 0; /* any value: clears it, and the next tick loads LARGEST */
    SYST_CSR = CSR_ENABLE | CSR_INTERRUPT | CSR_CORE_CLOCK;
}

uint64_t tk_port_ticks(void)
{
    uint32_t whole;
    uint32_t now;
    uint32_t pending;
    do {
        whole = turns;
        now = SYST_CVR;
        pending = SCB_ICSR & ICSR_SYSTICK_PENDING;
    } while (whole != turns);
    if (pending != 0 && now > LARGEST / 2u) {
        ++whole; /* it has turned with interrupts off */
    }
    /* It counts down from 0, that is from 2^24. */
    return total + ((uint64_t)whole << 24) + ((0u - now) & LARGEST);
}

#endif
