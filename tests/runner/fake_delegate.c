/* A TEST DOUBLE of libedgetpu: it has the two functions of a delegate's library, and fails as FAILURE says.
 * It never computes anything.
 *   1  there is no device: no delegate, and a message
 *   2  it ends the process, as Google's own library does with a TFLite that it was not built for
 *   3  it never comes back
 *   4  without the entry points: this file alone is not a delegate
 */
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#if FAILURE != 4
void *tflite_plugin_create_delegate(char **keys, char **values, size_t count, void (*report)(const char *));
void tflite_plugin_destroy_delegate(void *delegate);

void *tflite_plugin_create_delegate(char **keys, char **values, size_t count, void (*report)(const char *))
{
    (void)keys;
    (void)values;
    (void)count;
    (void)report;
#if FAILURE == 1
    return NULL;
#elif FAILURE == 2
    abort();
#else
    for (;;) {
        sleep(1);
    }
#endif
}

void tflite_plugin_destroy_delegate(void *delegate)
{
    (void)delegate;
}
#else
int not_a_delegate;
#endif
