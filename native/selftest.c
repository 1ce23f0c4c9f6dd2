// Whether faults work on this machine at all: reserve, touch, load, write, forget, touch again, on the real path but with
// the service thread as loader. Under a millisecond; done once, before the first region.

#include "shim.h"

#include <setjmp.h>
#include <stdlib.h>

sigjmp_buf fault_escape;

static const char *try_out(Region *region) {
  volatile uint8_t *memory = region_address(region, 0);
  uint32_t *dirty = calloc(64, sizeof *dirty);
  const char *wrong = NULL;
  if (!dirty) return "out of memory";
  if (memory[BLOCK] != 2) wrong = "a touched block does not show its data";
  memory[2 * BLOCK - 1] = 99;
  pthread_mutex_lock(&shim_mutex);
  size_t count = region_dirty(region, dirty, 64);
  if (count != 1 || dirty[0] != 1) wrong = "a write is not noticed";
  region_drop_changed(region);
  count = region_dirty(region, dirty, 64);
  if (count != 0) wrong = "a change cannot be forgotten";
  pthread_mutex_unlock(&shim_mutex);
  if (memory[2 * BLOCK - 1] != 2 && !wrong) wrong = "a forgotten block keeps its change";
  memory[0] = 7;
  if (memory[BLOCK - 1] != 1 && !wrong) wrong = "a first write loses data";
  free(dirty);
  return wrong;
}

static const char *run(void) {
  pthread_mutex_lock(&shim_mutex);
  const char *wrong = frames_start();
  pthread_mutex_unlock(&shim_mutex);
  if (wrong) return wrong;
  service_start();
  fault_install();
  size_t reserve = 4 * BLOCK;
  Region *region = region_open(&reserve, reserve, SELF_TEST_CHANNEL);
  if (!region) return "no address space for a region";
  atomic_store(&fault_escape_thread, thread_id());
  if (sigsetjmp(fault_escape, 1) == 0)
    wrong = try_out(region);
  else
    wrong = "faults do not tell reads from writes";
  atomic_store(&fault_escape_thread, 0);
  pthread_mutex_lock(&shim_mutex);
  region_close(region);
  pthread_mutex_unlock(&shim_mutex);
  return wrong;
}

static pthread_mutex_t testing = PTHREAD_MUTEX_INITIALIZER;
static bool tested;
static const char *result;

/** Why there are no faults here, or NULL. */
const char *self_test(void) {
  pthread_mutex_lock(&testing);
  if (!tested) result = run();
  tested = true;
  const char *wrong = result;
  pthread_mutex_unlock(&testing);
  return wrong;
}

/** Lets go of the pool, so that another backend can be taken. False once regions or loaders use it. */
bool self_test_again(void) {
  if (!regions_none() || !loaders_none()) return false;
  frames_stop();
  tested = false;
  return true;
}
