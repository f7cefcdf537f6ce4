/* tk_port_getc(): bytes from the family's UART interrupt, and sleep while there are none. */
#include "tk_cortex_m.h"
#include "tk_port.h"
#include "tk_rx_ring.h"

static tk_rx_ring received;

void tk_received(uint8_t byte)
{
    tk_rx_put(&received, byte);
}

int tk_port_getc(void)
{
    const int byte = tk_rx_get(&received);
    if (byte >= 0) {
        return byte;
    }
    /* With interrupts off a byte cannot slip in between the look and the sleep; it still ends the sleep. */
    tk_irq_off();
    if (tk_rx_empty(&received)) {
        tk_counter_pause();
        tk_wait_for_interrupt();
        tk_counter_resume();
    }
    tk_irq_on();
    return tk_rx_get(&received);
}
