/* Between the files of the STM32 port. */
#ifndef TK_STM32_H
#define TK_STM32_H

#include "tk_config.h"
#include "tk_cortex_m.h"

/* Power and clock for the serial port, and its two pins. */
void tk_stm32_pins(void);

/* Until (register & mask) == value, but not for ever. */
void tk_stm32_wait(uint32_t address, uint32_t mask, uint32_t value);

static inline void tk_stm32_receive_interrupt_on(void)
{
    TK_NVIC_ISER(TK_UART_RX_IRQ) = TK_NVIC_BIT(TK_UART_RX_IRQ);
}

#endif
