/* A fault handler's last words on the serial port.
 *
 * The line starts with TK_FAULT_MARK, which the host looks for between the link's frames, and holds
 * name=value pairs in hexadecimal. Zero bytes around it end the frame that the fault may have cut off.
 */
#ifndef TK_REPORT_H
#define TK_REPORT_H

#include <stdint.h>

#include "tk_port.h"

#define TK_FAULT_MARK "tk-fault:"

static inline void tk_report_text(const char *text)
{
    uint32_t n = 0;
    while (text[n] != '\0') {
        ++n;
    }
    tk_port_write((const uint8_t *)text, n);
}

static inline void tk_report_value(const char *name, uint32_t value)
{
    uint8_t digits[8];
    for (uint32_t i = 0; i < 8u; ++i) {
        digits[i] = (uint8_t)"0123456789abcdef"[(value >> (28u - 4u * i)) & 15u];
    }
    tk_report_text(" ");
    tk_report_text(name);
    tk_report_text("=0x");
    tk_port_write(digits, sizeof digits);
}

static inline void tk_report_begin(void)
{
    static const uint8_t zero = 0;
    tk_port_write(&zero, 1);
    tk_report_text("\r\n" TK_FAULT_MARK);
}

static inline void tk_report_end(void)
{
    static const uint8_t zero = 0;
    tk_report_text("\r\n");
    tk_port_write(&zero, 1);
}

#endif
