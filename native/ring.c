// What fault handlers tell the service thread: a bounded queue that many threads push to without locks and that one
// thread pops. Each cell's turn number says whether it is free to be written or ready to be read.

#include "shim.h"

#define CELLS 4096u

typedef struct Cell {
  _Atomic uint32_t turn;
  Notice notice;
} Cell;

static Cell cells[CELLS];
static _Atomic uint32_t tail;
static uint32_t head;
Word ring_bell;

// A cell's turn is stored less its index, so that zeroed memory is an empty ring.
static uint32_t turn_of(uint32_t position) {
  return atomic_load(&cells[position % CELLS].turn) + position % CELLS;
}

static void set_turn(uint32_t position, uint32_t turn) {
  atomic_store(&cells[position % CELLS].turn, turn - position % CELLS);
}

/** Wakes the service thread, whether or not there is anything in the ring. */
void ring_ring(void) {
  atomic_fetch_add(&ring_bell, 1);
  futex_wake(&ring_bell);
}

/** Pushes; false when full. Hints leave half of the ring to requests. */
bool ring_push(enum Kind kind, Region *region, uint32_t block) {
  uint32_t position = atomic_load(&tail);
  for (;;) {
    if (kind != WANTED && turn_of(position + CELLS / 2) != position + CELLS / 2) return false;
    int32_t ahead = (int32_t)(turn_of(position) - position);
    if (ahead < 0) return false;
    if (ahead > 0) {
      position = atomic_load(&tail);
    } else if (atomic_compare_exchange_weak(&tail, &position, position + 1)) {
      break;
    }
  }
  Cell *cell = &cells[position % CELLS];
  cell->notice = (Notice){kind, region, block};
  set_turn(position, position + 1);
  ring_ring();
  return true;
}

/** Pops; false when empty, or when the next cell is still being written (its writer rings afterwards). */
bool ring_pop(Notice *notice) {
  if (turn_of(head) != head + 1) return false;
  *notice = cells[head % CELLS].notice;
  set_turn(head, head + CELLS);
  head++;
  return true;
}
