// In the place of node:v8, for tests that measure what values cost.

export function getHeapStatistics() {
  return { used_heap_size: performance.memory.usedJSHeapSize, external_memory: 0 };
}
