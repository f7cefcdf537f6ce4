/* Functions of <math.h> that models use and zig's compiler-rt does not have. */
#include <math.h>

/* tanh(x) = (e^2x - 1) / (e^2x + 1), in double precision: the difference loses at most 11 of its 53 bits for
 * |x| >= 2^-12, and a float needs 24. Below that the first two terms of the series are exact to 2^-50. */
float tanhf(float x)
{
    const double magnitude = fabs((double)x);
    double result;

    if (isnan(x)) {
        return x;
    }
    if (magnitude < 0x1p-12) {
        result = magnitude - magnitude * magnitude * magnitude / 3.0;
    } else if (magnitude > 10.0) {
        result = 1.0; /* 1 - 2e^-20 rounds to it */
    } else {
        const double e = exp(2.0 * magnitude);
        result = (e - 1.0) / (e + 1.0);
    }
    return (float)(x < 0.0f ? -result : result);
}

/* e^x - 1, in double precision likewise. */
float expm1f(float x)
{
    const double value = (double)x;

    if (fabs(value) < 0x1p-12) {
        return (float)(value + value * value / 2.0 + value * value * value / 6.0);
    }
    return (float)(exp(value) - 1.0);
}
