// Runs firmware on rp2040js with one end of a socket as its UART0.
//
//   node runner.mjs PACKAGE ROM UF2 FD
//
// PACKAGE is the folder of the npm package, ROM a boot ROM image, FD an open, connected socket. Ends when the socket is
// closed. rp2040js models the chip; what this file adds is how time goes on, faults, reset and the line.
//
// Time: the system clock goes on by one cycle per instruction. rp2040js's own estimate of cycles is neither exact nor a
// count of anything; like this SysTick counts instructions, the same in every run. While the core sleeps time stands
// still, unless a timer is to wake it.
import fs from 'node:fs';
import net from 'node:net';
import { createRequire } from 'node:module';

const CHUNK = 100000; // instructions between looks at the socket: a few milliseconds
const BYTE_INSTRUCTIONS = 1000; // between two received bytes, or the firmware would do nothing but receive
const FLASH = 0x10000000;
const FLASH_BYTES = 16 * 1024 * 1024;
const FAMILY_RP2040 = 0xe48bff56;
const ROM_BYTES = 0x4000;
const WATCHDOG = 0x40058; // keys of rp2040js's table of peripherals
const TIMER = 0x40054;
const SYST_CSR = 0x010, SYST_RVR = 0x014, SYST_CVR = 0x018, AIRCR = 0xd0c; // Armv6-M, System Control Space
const SYSRESETREQ = 0x05fa0004;
const NMI = 2, HARD_FAULT = 3; // exception numbers
const ROM_MESSAGES = {
  1: 'the boot ROM found no second stage with a right checksum at the start of the flash',
  2: 'the firmware asked for BOOTSEL mode, which this boot ROM does not have',
};

function die(message) {
  fs.writeSync(2, `${message}\n`);
  process.exit(1);
}

function readUf2(path) {
  const file = fs.readFileSync(path);
  const blocks = [];
  for (let at = 0; at + 512 <= file.length; at += 512) {
    const word = (offset) => file.readUInt32LE(at + offset);
    if (word(0) !== 0x0a324655 || word(4) !== 0x9e5d5157 || word(508) !== 0x0ab16f30) {
      die(`${path}: block ${at / 512} is no UF2 block`);
    }
    const [flags, address, size, family] = [word(8), word(12), word(16), word(28)];
    if ((flags & 1) !== 0 || (flags & 0x2000) === 0 || family !== FAMILY_RP2040) {
      continue; // as the chip does: not for its flash, or for another chip
    }
    if (size > 476 || address < FLASH || address + size > FLASH + FLASH_BYTES) {
      die(`${path}: block ${at / 512} is for address 0x${address.toString(16)}, which is not in the flash`);
    }
    blocks.push({ offset: address - FLASH, data: file.subarray(at + 32, at + 32 + size) });
  }
  if (blocks.length === 0) {
    die(`${path}: no block in it is for an RP2040`);
  }
  return blocks;
}

/** SysTick as the architecture says it: rp2040js's own takes one cycle too few per turn. */
class SysTick {
  constructor(ppb, cycles, reset) {
    this.cycles = cycles; // a function
    this.reload = 0;
    this.value = 0;
    this.since = 0;
    this.running = false;
    const read = ppb.readUint32.bind(ppb);
    const write = ppb.writeUint32.bind(ppb);
    ppb.readUint32 = (offset) => (offset === SYST_CVR ? this.now() : read(offset));
    ppb.writeUint32 = (offset, value) => {
      if (offset === AIRCR && value >>> 0 === SYSRESETREQ) {
        reset();
        return;
      }
      this.set(offset === SYST_CVR ? 0 : this.now());
      if (offset === SYST_RVR) {
        this.reload = value & 0xffffff;
      } else if (offset === SYST_CSR) {
        this.running = (value & 1) !== 0;
      }
      write(offset, value);
    };
  }

  set(value) {
    this.value = value;
    this.since = this.cycles();
  }

  now() {
    const left = this.value - (this.running ? this.cycles() - this.since : 0);
    if (left >= 0 || this.reload === 0) {
      return Math.max(left, 0);
    }
    const turn = this.reload + 1;
    return (((left % turn) + turn) % turn);
  }
}

class Machine {
  constructor(library, rom, flash, send) {
    this.library = library;
    this.rom = rom;
    this.flash = flash;
    this.send = send;
    this.received = [];
    this.sent = [];
    this.sleeping = false;
    this.start(null);
  }

  /** From power-on, or from reset with what the last life leaves behind. */
  start(last) {
    const mcu = new this.library.RP2040();
    this.cycles = 0;
    this.nextByte = 0;
    this.fault = null;
    this.resetting = false;
    this.logger(mcu);
    mcu.loadBootrom(this.rom);
    for (const { offset, data } of this.flash) {
      mcu.flash.set(data, offset);
    }
    if (last !== null) {
      mcu.sram.set(last.sram);
      mcu.peripherals[WATCHDOG].reason = last.peripherals[WATCHDOG].reason;
      mcu.peripherals[WATCHDOG].scratchData.set(last.peripherals[WATCHDOG].scratchData);
    }
    const reset = () => {
      this.resetting = true;
    };
    mcu.peripherals[WATCHDOG].onWatchdogTrigger = reset;
    new SysTick(mcu.ppb, () => this.cycles, reset);
    mcu.onBreak = (code) => {
      this.fault = `breakpoint ${code}`;
      this.breakpoint = code;
    };
    mcu.uart[0].onByte = (byte) => this.sent.push(byte);
    this.step = 1e9 / mcu.clkSys; // nanoseconds of a cycle
    mcu.addClockListener((frequency) => {
      this.step = 1e9 / frequency;
    });
    mcu.core.reset(); // takes stack pointer and entry from the ROM
    this.mcu = mcu;
  }

  /** rp2040js tells a bus fault only in its log. */
  logger(mcu) {
    const nothing = () => {};
    const fatal = (component, message) => {
      if (component === 'RP2040' || (component === 'CortexM0Core' && message.includes('not implemented'))) {
        this.fault ??= message;
      }
    };
    mcu.logger = { debug: nothing, info: nothing, warn: fatal, error: fatal };
  }

  receive(bytes) {
    for (const byte of bytes) {
      this.received.push(byte);
    }
  }

  /** Some instructions. Sleeping afterwards: nothing happens until a byte comes. */
  run() {
    const end = this.cycles + CHUNK;
    let { mcu } = this;
    this.sleeping = false;
    this.at = 0;
    while (this.cycles < end) {
      if (mcu.core.waiting && !this.wake()) {
        this.sleeping = true;
        break;
      }
      if (this.at < this.received.length && this.cycles >= this.nextByte) {
        this.feed();
      }
      const pc = mcu.core.PC;
      mcu.core.executeInstruction();
      this.cycles += 1;
      mcu.clock.tick(this.step);
      if (this.fault !== null) {
        this.hardFault(pc);
      }
      if (this.resetting) {
        this.start(mcu);
        break; // the new life starts counting from zero
      }
    }
    this.received.splice(0, this.at);
    if (this.sent.length > 0) {
      this.send(Buffer.from(this.sent.splice(0)));
    }
  }

  feed() {
    const uart = this.mcu.uart[0];
    // Until the firmware has set the port up, the line waits.
    if (uart.enabled && uart.rxEnabled && !uart.rxFIFO.full) {
      uart.feedByte(this.received[this.at++]);
      this.nextByte = this.cycles + BYTE_INSTRUCTIONS;
    }
  }

  /** Wakes a sleeping core if there is something to wake for. */
  wake() {
    const { core, clock, ppb, uart, peripherals } = this.mcu;
    const [port] = uart;
    if ((core.pendingInterrupts & core.enabledInterrupts) !== 0) {
      // It came just before the core went to sleep; rp2040js would sleep on.
    } else if (this.at < this.received.length && port.enabled && port.rxEnabled && !port.rxFIFO.full) {
      this.nextByte = this.cycles;
    } else if (peripherals[TIMER].alarms.some((alarm) => alarm.armed) || ppb.systickIntEnable) {
      const nanos = clock.nanosToNextAlarm;
      this.cycles += Math.round(nanos / this.step);
      clock.tick(nanos);
    } else {
      return false;
    }
    // Not by rp2040js's own rule, which enters the handler even where the firmware has turned interrupts off.
    core.waiting = false;
    core.interruptsUpdated = true;
    return true;
  }

  hardFault(pc) {
    const { core } = this.mcu;
    const why = this.fault;
    if (pc < ROM_BYTES && (core.VTOR === 0 || why === `breakpoint ${this.breakpoint}`)) {
      die(ROM_MESSAGES[this.breakpoint] ?? `the boot ROM stopped at 0x${pc.toString(16)}: ${why}`);
    }
    if (core.IPSR === HARD_FAULT || core.IPSR === NMI) {
      die(`the core locked up: a fault in the fault handler at 0x${pc.toString(16)}: ${why}`);
    }
    core.PC = pc;
    core.waiting = false;
    core.exceptionEntry(HARD_FAULT);
    this.fault = null; // of storing the frame where there is no memory, too
  }
}

const [, , folder, romPath, uf2Path, fd] = process.argv;
const library = createRequire(import.meta.url)(folder);
const romFile = fs.readFileSync(romPath);
const rom = new Uint32Array(ROM_BYTES / 4);
for (let at = 0; at + 4 <= romFile.length; at += 4) {
  rom[at / 4] = romFile.readUInt32LE(at);
}
const line = new net.Socket({ fd: Number(fd) });
const machine = new Machine(library, rom, readUf2(uf2Path), (bytes) => line.write(bytes));
let scheduled = false;

function go() {
  scheduled = false;
  machine.run();
  if (!machine.sleeping) {
    schedule();
  }
}

function schedule() {
  if (!scheduled) {
    scheduled = true;
    setImmediate(go);
  }
}

line.on('data', (bytes) => {
  machine.receive(bytes);
  schedule();
});
line.on('close', () => process.exit(0));
line.on('error', () => process.exit(0));
line.on('end', () => process.exit(0));
schedule();
