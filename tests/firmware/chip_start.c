/* Runs a port's tk_chip_start() as a Linux program: memory lies where the chip has registers. The memory holds what is
 * written, so a bit that hardware sets by itself never comes: what waits for one must give up.
 *
 *   chip_start (ADDRESS=VALUE)... ADDRESS...     writes these words, starts, and prints those */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

void tk_chip_start(void);

int main(int argc, char **argv)
{
    static const uintptr_t pages[][2] = {
        {0x40000000u, 0x30000u}, /* peripherals */
        {0xE000E000u, 0x1000u},  /* the core's own */
        {0xE0042000u, 0x1000u},  /* DBGMCU */
    };
    for (unsigned i = 0; i < sizeof pages / sizeof pages[0]; ++i) {
        void *wanted = (void *)pages[i][0];
        if (mmap(wanted, pages[i][1], PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != wanted) {
            perror("mmap");
            return 2;
        }
    }
    for (int i = 1; i < argc; ++i) {
        const char *sign = strchr(argv[i], '=');
        if (sign != NULL) {
            *(volatile uint32_t *)(uintptr_t)strtoul(argv[i], NULL, 0) = (uint32_t)strtoul(sign + 1, NULL, 0);
        }
    }
    tk_chip_start();
    for (int i = 1; i < argc; ++i) {
        if (strchr(argv[i], '=') == NULL) {
            printf("0x%08x\n", (unsigned)*(volatile uint32_t *)(uintptr_t)strtoul(argv[i], NULL, 0));
        }
    }
    return 0;
}
