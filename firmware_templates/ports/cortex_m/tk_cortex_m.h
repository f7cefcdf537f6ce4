/* Between the Cortex-M start-up code and a chip family's driver. */
#ifndef TK_CORTEX_M_H
#define TK_CORTEX_M_H

#include <stdint.h>

#define TK_REG(address) (*(volatile uint32_t *)(uintptr_t)(address))

/* Interrupt Set-Enable, Clear-Enable and Clear-Pending Registers (Armv6-M and Armv7-M ARM, B3.4). */
#define TK_NVIC_ISER(irq) TK_REG(0xE000E100u + 4u * ((irq) / 32u))
#define TK_NVIC_ICER(irq) TK_REG(0xE000E180u + 4u * ((irq) / 32u))
#define TK_NVIC_ICPR(irq) TK_REG(0xE000E280u + 4u * ((irq) / 32u))
#define TK_NVIC_BIT(irq) (1u << ((irq) % 32u))

/* What a chip family has to do first of all; a family that has nothing to do leaves it out. Called by the reset handler
 * with interrupts off, before .data and .bss are there: no variables with static storage. */
void tk_chip_start(void);

/* Defined by the chip family. The interrupt handler is for the vectors of TK_UART_RX_IRQ and the one after it, and
 * hands each byte to tk_received(). tk_port_init() calls tk_counter_init(). The counter behind tk_port_ticks() may stand still while the core sleeps; pause
 * comes before a sleep, resume after it. */
void tk_uart_interrupt(void);
void tk_counter_init(void);
void tk_counter_pause(void);
void tk_counter_resume(void);

#if defined(TK_COUNTER_SYSTICK)
void tk_systick_interrupt(void);
#endif

void tk_received(uint8_t byte);

static inline void tk_irq_off(void)
{
    __asm volatile("cpsid i" ::: "memory");
}

static inline void tk_irq_on(void)
{
    /* The barrier makes a pending interrupt run here and not some instructions later. */
    __asm volatile("cpsie i\n\tisb" ::: "memory");
}

/* Sleep until an interrupt is pending. Also wakes, without running the handler, while interrupts are off. */
static inline void tk_wait_for_interrupt(void)
{
    __asm volatile("dsb\n\twfi" ::: "memory");
}

#endif
