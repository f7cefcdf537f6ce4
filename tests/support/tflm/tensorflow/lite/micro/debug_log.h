#ifndef STAND_IN_DEBUG_LOG_H
#define STAND_IN_DEBUG_LOG_H

#include <stdarg.h>
#include <stddef.h>

extern "C" {
void DebugLog(const char *format, va_list args);
int DebugLogVsnprintf(char *buffer, size_t buf_size, const char *format, va_list vlist);
}

#endif
