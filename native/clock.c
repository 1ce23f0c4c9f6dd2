// Which clean block leaves memory: a hand goes round over the frames. At its first pass a block loses access (AGED), at
// the second, if nothing touched it in between, its frame. What was loaded ahead of need has no access yet, and one pass
// more to be reached. Dirty, stored and pinned blocks stay.

#include "shim.h"

#include <sys/mman.h>

static uint32_t hand;

/** How many free frames the service thread keeps in stock, so that a load need not wait for an eviction. */
size_t clock_low_water(void) {
  size_t water = settings.budget / 16;
  return water < 2 ? 2 : water > 32 ? 32 : water;
}

// Whether the hand freed the frame it stands on.
static bool pass(Frame *frame) {
  if (frame->use != PLACED || frame->region->pins[frame->block] > 0) return false;
  if (frame->ahead) {
    frame->ahead = false;
    return false;
  }
  Region *region = frame->region;
  uint32_t block = frame->block;
  Word *word = &region->words[block];
  uint32_t state = atomic_load(word);
  if ((state != CLEAN && state != AGED) || !atomic_compare_exchange_strong(word, &state, BUSY)) return false;
  if (state == CLEAN) {
    bool hidden = mprotect(region_address(region, block), BLOCK, PROT_NONE) == 0;
    if (hidden) {
      atomic_fetch_add(&counters.aged, 1);
      region_settle(region, block, AGED);
      return false;
    }
  }
  frame_back(region, block);
  atomic_fetch_add(&counters.evictions, 1);
  region_settle(region, block, ABSENT);
  return true;
}

/** Frees frames of clean blocks; returns how many, which is less than wanted when there are no more. */
size_t clock_evict(size_t wanted) {
  size_t evicted = 0;
  uint32_t high = frames_high();
  for (uint32_t steps = 0; evicted < wanted && steps < 3 * high; steps++) {
    hand = hand + 1 < high ? hand + 1 : 0;
    if (pass(&frames[hand])) evicted++;
  }
  return evicted;
}
