/* First of all on an STM32: the clocks are those of reset, which after a boot loader they are not; a debug probe gets in
 * while the core sleeps; the caches that need no care are on.
 *
 * The bits below are in the same places in the F4, F7 and L4 (RM0090, RM0410, RM0351, RM0432: RCC, FLASH, DBGMCU); the
 * oscillator is HSI in the first two, MSI in the L4. Where registers are is in the board file. An emulator may know
 * none of them and read zeros: nothing here waits for ever. */
#include "stm32.h"

#define RCC_CR TK_REG(TK_RCC_BASE + 0x00u)
#define RCC_CFGR TK_REG(TK_RCC_BASE + 0x08u)
#define CR_OSCILLATOR_ON (1u << 0)
#define CR_OSCILLATOR_READY (1u << 1)
#define CR_OTHERS 0xFFFF0000u /* PLLs, external oscillator, clock security */
#define CR_MSI_RANGE (15u << 4)
#define CR_MSI_4MHZ ((6u << 4) | (1u << 3)) /* MSIRANGE, and MSIRGSEL: this register's range counts */
#define CFGR_SOURCE_STATUS (3u << 2)

#define ACR_CACHE_RESETS (3u << 11) /* only while the caches are off */

#define SCB_CCR TK_REG(0xE000ED14u)
#define SCB_ICIALLU TK_REG(0xE000EF50u)
#define CCR_ICACHE (1u << 17)

#define DBGMCU_CR TK_REG(0xE0042004u)
#define DBGMCU_SLEEP (1u << 0)

void tk_stm32_wait(uint32_t address, uint32_t mask, uint32_t value)
{
    for (uint32_t turns = 0; turns < 10000u && (TK_REG(address) & mask) != value; ++turns) {
    }
}

#if defined(TK_RCC_BASE)
static void clocks_of_reset(void)
{
    RCC_CR |= CR_OSCILLATOR_ON;
    tk_stm32_wait(TK_RCC_BASE, CR_OSCILLATOR_READY, CR_OSCILLATOR_READY);
    RCC_CFGR = 0; /* no prescalers, and the first source: the internal oscillator */
    tk_stm32_wait(TK_RCC_BASE + 0x08u, CFGR_SOURCE_STATUS, 0);
#if defined(TK_RCC_HAS_MSI)
    RCC_CR = (RCC_CR & ~(uint32_t)CR_MSI_RANGE) | CR_MSI_4MHZ;
    tk_stm32_wait(TK_RCC_BASE, CR_OSCILLATOR_READY, CR_OSCILLATOR_READY);
#endif
    RCC_CR &= ~(uint32_t)CR_OTHERS;
#if defined(TK_FLASH_ACR)
    TK_REG(TK_FLASH_ACR) = 0; /* after the clock, which needs no wait states now */
#if TK_FLASH_ACR_VALUE != 0
    TK_REG(TK_FLASH_ACR) = ACR_CACHE_RESETS; /* of a firmware that is no longer there */
    TK_REG(TK_FLASH_ACR) = 0;
    TK_REG(TK_FLASH_ACR) = TK_FLASH_ACR_VALUE;
#endif
#endif
}
#endif

void tk_chip_start(void)
{
#if defined(TK_RCC_BASE)
    clocks_of_reset();
#endif
    /* In WFI the core's clock stops, and with it the debug port's way into the chip. */
    DBGMCU_CR |= DBGMCU_SLEEP;
#if defined(TK_CORE_ICACHE)
    SCB_ICIALLU = 0;
    __asm volatile("dsb\n\tisb" ::: "memory");
    SCB_CCR |= CCR_ICACHE;
    __asm volatile("dsb\n\tisb" ::: "memory");
#endif
}
