// The most memory that this process has had resident, in bytes.

import { readFileSync } from 'node:fs';

export function peakMemory(): number {
  try {
    // On Linux the figure of getrusage begins with that of the process that started this one.
    const status = readFileSync('/proc/self/status', 'utf8');
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}
