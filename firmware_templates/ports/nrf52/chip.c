/* First of all on an nRF52: the debug port stays open, and the flash has its cache (nRF52833 and nRF52840 Product
 * Specifications, chapters Debug and trace, NVMC). */
#include "tk_cortex_m.h"

#define APPROTECT_DISABLE TK_REG(0x40000558u)
#define APPROTECT_SW_DISABLE 0x5Au
#define NVMC_ICACHECNF TK_REG(0x4001E540u)
#define ICACHECNF_ENABLE 1u

void tk_chip_start(void)
{
    /* Later revisions (nRF52840: from 3 on) lock the port at each reset until the firmware says this, and UICR.APPROTECT
     * says it, too. Earlier ones have no such register and ignore it. */
    APPROTECT_DISABLE = APPROTECT_SW_DISABLE;
    NVMC_ICACHECNF = ICACHECNF_ENABLE;
    __asm volatile("dsb\n\tisb" ::: "memory");
}
