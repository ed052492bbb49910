import { libc } from './ffi.ts';

/** linux/bpf.h. The number of bpf(2) differs between machines. */
const SYS_BPF: Partial<Record<string, number>> = { x64: 321, arm64: 280, riscv64: 280, loong64: 280, ppc64: 361, s390x: 351 };
const BPF_PROG_LOAD = 5;
const BPF_LINK_CREATE = 28;
const BPF_PROG_TYPE_SCHED_CLS = 3;
const BPF_TCX_INGRESS = 46;
const ATTRIBUTES = 128;

/** mov64 r0, TC_ACT_SHOT; exit. Eight octets each: opcode, registers, offset (2), immediate (4). */
const dropEverything = Uint8Array.of(0xb7, 0, 0, 0, 2, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0);
const license = new TextEncoder().encode('Apache-2.0\0');

/**
 * Keeps the host's own IP stack from the frames that arrive on a device: it would answer them too, and burn time. A packet socket
 * sees a frame before the tc ingress hook, so a program there that drops everything leaves the socket's copy alone. Says the
 * descriptor that holds it; closing that (or the end of the process) lets the stack hear again. -1: not permitted, or an older
 * kernel (tcx came with Linux 6.6). To be called in the device's network namespace.
 */
export function hush(index: number): number {
  const number = SYS_BPF[process.arch];
  if (number === undefined) return -1;
  const c = libc();
  const load = new DataView(new ArrayBuffer(ATTRIBUTES));
  load.setUint32(0, BPF_PROG_TYPE_SCHED_CLS, true);
  load.setUint32(4, dropEverything.length / 8, true);
  load.setBigUint64(8, BigInt(c.addressOf(dropEverything)), true);
  load.setBigUint64(16, BigInt(c.addressOf(license)), true);
  load.setUint32(68, BPF_TCX_INGRESS, true); // expected_attach_type
  const program = c.bpf(number, BPF_PROG_LOAD, new Uint8Array(load.buffer), ATTRIBUTES);
  if (program < 0) return -1;
  const link = new DataView(new ArrayBuffer(ATTRIBUTES));
  link.setUint32(0, program, true);
  link.setUint32(4, index, true);
  link.setUint32(8, BPF_TCX_INGRESS, true);
  const held = c.bpf(number, BPF_LINK_CREATE, new Uint8Array(link.buffer), ATTRIBUTES);
  c.close(program);
  return held;
}
