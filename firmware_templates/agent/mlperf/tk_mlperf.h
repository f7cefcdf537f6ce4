/* MLPerf Tiny's text protocol, beside the frames of the link. docs/mlperf.md has every command and reply. */
#ifndef TK_MLPERF_H
#define TK_MLPERF_H

#include <stdint.h>

/* Say that the firmware has started. `status` is that of the model's initialisation, 0 on success. */
void tk_mlperf_start(int status);

/* Take a byte from the line; what belongs to a frame is passed over. Commands are carried out and answered here. */
void tk_mlperf_receive(uint8_t byte);

/* A request of the link has run the model: the results are no longer those of `infer`. */
void tk_mlperf_forget(void);

/* Of tk_run.c: the agent's copy of the first input, and an inference on it. */
uint8_t *tk_run_input(void);
void tk_run_once(void);

#endif
