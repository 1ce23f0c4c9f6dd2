/* A disk that fails on request: preloaded into a process, it counts the writes, truncations and syncs of the files whose
 * path begins with $FAILING_PATH, and makes the chosen one fail. The process chooses through the mapped file
 * $FAILING_CONTROL: three 32-bit integers, the number of calls until the failure (0: none; negative: every write fails),
 * the errno (negative: half of the bytes are written, and no more from then on), and the calls counted so far. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

struct control {
  int32_t countdown;
  int32_t error;
  int32_t counted;
};

static volatile struct control *control(void) {
  static volatile struct control *mapped;
  const char *path = getenv("FAILING_CONTROL");
  if (mapped == NULL && path != NULL) {
    int fd = open(path, O_RDWR);
    if (fd >= 0) {
      void *address = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
      if (address != MAP_FAILED) mapped = address;
      close(fd);
    }
  }
  return mapped;
}

static int watched(int fd) {
  char link[64], path[4096];
  const char *prefix = getenv("FAILING_PATH");
  if (prefix == NULL) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return strncmp(path, prefix, strlen(prefix)) == 0;
}

/* 0: go on; otherwise the errno, negative for a short write. */
static int chosen(int fd, int writes) {
  volatile struct control *shared = control();
  if (shared == NULL || !watched(fd)) return 0;
  shared->counted++;
  if (shared->countdown < 0) return writes ? shared->error : 0;
  if (shared->countdown == 0 || --shared->countdown > 0) return 0;
  return shared->error;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define FAIL_WITH(error)  \
  do {                    \
    errno = abs(error);   \
    return -1;            \
  } while (0)

/* After a short write the disk is full. */
static size_t shortened(int error, size_t length) {
  volatile struct control *shared = control();
  shared->countdown = -1;
  shared->error = -error;
  return length / 2;
}

ssize_t write(int fd, const void *bytes, size_t length) {
  int error = chosen(fd, 1);
  if (error > 0) FAIL_WITH(error);
  if (error < 0 && length > 1) length = shortened(error, length);
  else if (error < 0) FAIL_WITH(error);
  return REAL(write)(fd, bytes, length);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) {
  int error = chosen(fd, 1);
  if (error > 0) FAIL_WITH(error);
  if (error < 0 && length > 1) length = shortened(error, length);
  else if (error < 0) FAIL_WITH(error);
  return REAL(pwrite64)(fd, bytes, length, offset);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) {
  return pwrite64(fd, bytes, length, offset);
}

int ftruncate64(int fd, off64_t length) {
  int error = chosen(fd, 0);
  if (error != 0) FAIL_WITH(error);
  return REAL(ftruncate64)(fd, length);
}

int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

int fsync(int fd) {
  int error = chosen(fd, 0);
  if (error != 0) FAIL_WITH(error);
  return REAL(fsync)(fd);
}

int fdatasync(int fd) { return fsync(fd); }
