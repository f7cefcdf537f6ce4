/* A process as a device: standard input and output, a pseudo-terminal, are the serial line. */
#define _POSIX_C_SOURCE 200809L

#include "tk_port.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* The operating system provides the stack: an empty range says that its use is not known. */
uint8_t tk_stack_bottom[1];
extern uint8_t tk_stack_top[1] __attribute__((alias("tk_stack_bottom")));

static uint8_t received[4096];
static size_t next, end;

void tk_port_init(void)
{
}

int tk_port_getc(void)
{
    if (next == end) {
        const ssize_t n = read(STDIN_FILENO, received, sizeof received);
        if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN)) {
            exit(0); /* the other side of the line is gone */
        }
        next = 0;
        end = n < 0 ? 0 : (size_t)n;
    }
    return next == end ? -1 : received[next++];
}

void tk_port_write(const uint8_t *data, size_t n)
{
    while (n > 0) {
        const ssize_t written = write(STDOUT_FILENO, data, n);
        if (written < 0 && errno == EAGAIN) {
            struct pollfd line = {STDOUT_FILENO, POLLOUT, 0};
            (void)poll(&line, 1, -1);
        } else if (written < 0 && errno != EINTR) {
            exit(0);
        } else if (written > 0) {
            data += written;
            n -= (size_t)written;
        }
    }
}

uint64_t tk_port_ticks(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void tk_port_reset(void)
{
    char *const launcher = getenv("TK_LAUNCHER");
    char self[4096];
    const ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    char *const arguments[] = {launcher != NULL ? launcher : self, self, NULL};

    if (length > 0) {
        self[length] = '\0';
        /* An emulator in between has to be started again, too: it is what can run the file. */
        (void)execv(arguments[0], launcher != NULL ? arguments : &arguments[1]);
    }
    _exit(1);
}
