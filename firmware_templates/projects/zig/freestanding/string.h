/* What firmware uses of <string.h>; zig's compiler-rt defines it. */
#ifndef TK_FREESTANDING_STRING_H
#define TK_FREESTANDING_STRING_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int byte, size_t n);
int memcmp(const void *a, const void *b, size_t n);

/* Short, and not worth a file of their own: for tests and tools, not for the model. */
static inline size_t strlen(const char *s)
{
    size_t n = 0;
    while (s[n] != '\0') {
        ++n;
    }
    return n;
}

static inline int strncmp(const char *a, const char *b, size_t n)
{
    for (size_t i = 0; i < n; ++i) {
        if (a[i] != b[i] || a[i] == '\0') {
            return (unsigned char)a[i] - (unsigned char)b[i];
        }
    }
    return 0;
}

static inline int strcmp(const char *a, const char *b)
{
    return strncmp(a, b, (size_t)-1);
}

#endif
