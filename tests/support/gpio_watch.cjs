// Loaded by node before rp2040js's runner (NODE_OPTIONS=--require): writes each change of a pin's output into a file.
//
// GPIO_WATCH_PIN is the pin's number, GPIO_WATCH_FILE gets a line for each change: nanoseconds of the chip's clock since
// its start, and 1 or 0. Nothing of the chip is changed by it.
const fs = require('node:fs');
const Module = require('node:module');

const HIGH = 1; // rp2040js: GPIOPinState, of a pin that is an output
const load = Module._load;

Module._load = function (...request) {
  const library = load.apply(this, request);
  if (typeof library?.RP2040 !== 'function' || library.GPIOPinState === undefined) {
    return library;
  }
  class Watched extends library.RP2040 {
    constructor(...given) {
      super(...given);
      this.gpio[Number(process.env.GPIO_WATCH_PIN)].addListener((state) => {
        fs.appendFileSync(process.env.GPIO_WATCH_FILE, `${this.clock.nanos} ${Number(state === HIGH)}\n`);
      });
    }
  }
  return new Proxy(library, { get: (from, name) => (name === 'RP2040' ? Watched : from[name]) });
};
