/* Preloaded into a process: makes its Nth call that writes, locks, syncs or truncates fail once, or
 * kills the process just before it.  Only files whose path begins with FAIL_UNDER count.
 *
 *   FAIL_UNDER=PREFIX  FAIL_AT=N (0: only count)  FAIL_ERRNO=E (0: SIGKILL)  FAIL_COUNT=FILE
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static atomic_int seen;

__attribute__((destructor)) static void note(void) {
    const char *path = getenv("FAIL_COUNT");
    if (!path) return;
    FILE *file = fopen(path, "w");
    if (file) { fprintf(file, "%d", seen); fclose(file); }
}

static int counts(int fd) {
    const char *under = getenv("FAIL_UNDER");
    char link[32], path[4096];
    if (!under) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return strncmp(path, under, strlen(under)) == 0;
}

/* Whether this call is the one that fails; errno is set then. */
static int fails(int fd) {
    const char *at = getenv("FAIL_AT"), *why = getenv("FAIL_ERRNO");
    int saved = errno;
    if (!counts(fd)) { errno = saved; return 0; }
    int number = ++seen;
    errno = saved;
    if (!at || number != atoi(at)) return 0;
    if (!why || !atoi(why)) kill(getpid(), SIGKILL);
    errno = atoi(why);
    return 1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *b, size_t n) { return fails(fd) ? -1 : REAL(write)(fd, b, n); }
ssize_t pwrite(int fd, const void *b, size_t n, off_t o) { return fails(fd) ? -1 : REAL(pwrite)(fd, b, n, o); }
ssize_t pwrite64(int fd, const void *b, size_t n, off64_t o) { return fails(fd) ? -1 : REAL(pwrite64)(fd, b, n, o); }
int fsync(int fd) { return fails(fd) ? -1 : REAL(fsync)(fd); }
int fdatasync(int fd) { return fails(fd) ? -1 : REAL(fdatasync)(fd); }
int ftruncate(int fd, off_t n) { return fails(fd) ? -1 : REAL(ftruncate)(fd, n); }
int ftruncate64(int fd, off64_t n) { return fails(fd) ? -1 : REAL(ftruncate64)(fd, n); }
int flock(int fd, int what) { return fails(fd) ? -1 : REAL(flock)(fd, what); }

static int locks(int what) { return what == F_SETLK || what == F_SETLKW || what == F_OFD_SETLK; }

int fcntl(int fd, int what, ...) {
    va_list list; va_start(list, what); void *given = va_arg(list, void *); va_end(list);
    if (locks(what) && fails(fd)) return -1;
    return REAL(fcntl)(fd, what, given);
}
int fcntl64(int fd, int what, ...) {
    va_list list; va_start(list, what); void *given = va_arg(list, void *); va_end(list);
    if (locks(what) && fails(fd)) return -1;
    return REAL(fcntl64)(fd, what, given);
}
