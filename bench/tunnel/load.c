/*
 * A client for measuring tunnels: load COMMAND [option…]; prints one line of JSON.
 *
 *   throughput   bytes a second over all connections after a warm-up, and how fairly they share
 *   latency      microseconds from a mouse instruction on the first connection to its sync
 *   roundtrips   mouse instructions and their syncs a second, one under way on each connection
 *   idle         connections made a second, and what memory each takes once all are quiet
 *   exact        whether the first BYTES of each connection are those of FILE, again and again
 *   stalled      the same for a client that stops reading for a while, and by how much memory grew
 *
 *   -p PORT  -n CONNECTIONS  -c AT ONCE (being made)  -w WARM-UP s  -t TIME s  -g GAP us (latency)
 *   -u FILE  paths, a line for each connection: WebSockets; without it plain TCP, as to guacd, and
 *   -m MODE[,MODE…]  the usernames for guacd.c, the last for all that follow
 *   -f FILE  -b BYTES  what is expected     -P PID[,PID…]  whose processor time and memory count
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 512, HEAD = 4096, PIDS = 16, BUFFER = 256 * 1024 };
static const char MOUSE[] = "5.mouse,3.100,3.200,1.0;", SYNC[] = "4.sync,";

typedef enum { CONNECTING, UPGRADING, SELECTING, STARTING, OPEN, CLOSED } Phase;

typedef struct {
  int socket;
  Phase phase;
  char head[HEAD];                     /* of HTTP, or of guacd's handshake */
  size_t head_size;
  unsigned char header[10];            /* of the WebSocket frame under way */
  int header_size, in_frame, opcode, fin;
  uint64_t frame_left;
  int named;                           /* past the tunnel's own name, which is not guacd's */
  char last;                           /* byte of the message */
  uint64_t bytes, base, messages, cut_messages, syncs;
  int differs;
  double asked;
} Connection;

static Connection *connections;
static int count = 1, at_once = 64, port, epoll, opened, closed, pid_count, pids[PIDS];
static double warm_up = 1, duration = 3, gap = 1000;
static char **paths;
static int path_count;
static char *modes[64];
static int mode_count;
static char *expected;
static size_t expected_size, wanted;
static int counts_syncs;
static char buffer[BUFFER];

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec * 1e-9;
}

static void fail(const char *what) { perror(what); exit(1); }

/* proc(5), stat: seconds in user and kernel mode. */
static double processor_time(void) {
  double sum = 0;
  for (int i = 0; i < pid_count; i++) {
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", pids[i]);
    FILE *file = fopen(path, "r");
    if (!file) continue;
    size_t size = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[size] = 0;
    long user, kernel;
    char *after = strrchr(text, ')');
    if (after && sscanf(after + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %ld %ld", &user, &kernel) == 2)
      sum += (double)(user + kernel) / sysconf(_SC_CLK_TCK);
  }
  return sum;
}

/* proc(5), smaps_rollup: the proportional set size, KiB. */
static long memory(void) {
  long sum = 0, size;
  for (int i = 0; i < pid_count; i++) {
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", pids[i]);
    FILE *file = fopen(path, "r");
    if (!file) continue;
    while (fgets(line, sizeof line, file)) if (sscanf(line, "Pss: %ld", &size) == 1) sum += size;
    fclose(file);
  }
  return sum;
}

static void send_all(Connection *one, const void *data, size_t size) {
  for (const char *at = data; size;) {
    ssize_t taken = send(one->socket, at, size, MSG_NOSIGNAL);
    if (taken < 0 && errno != EAGAIN) return;
    if (taken > 0) { at += taken; size -= taken; }
  }
}

/* RFC 6455 section 5.2, from a client: masked. Up to 125 bytes. */
static void send_frame(Connection *one, int opcode, const void *data, size_t size) {
  unsigned char frame[6 + 125] = {0x80 | opcode, 0x80 | size, 0x12, 0x34, 0x56, 0x78};
  for (size_t i = 0; i < size; i++) frame[6 + i] = ((const unsigned char *)data)[i] ^ frame[2 + i % 4];
  send_all(one, frame, 6 + size);
}

static void ask(Connection *one) {
  one->asked = now();
  if (paths) send_frame(one, 1, MOUSE, sizeof MOUSE - 1);
  else send_all(one, MOUSE, sizeof MOUSE - 1);
}

static void end(Connection *one) {
  if (one->phase == CLOSED) return;
  close(one->socket);
  one->phase = CLOSED;
  closed++;
}

static void begin(Connection *one) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port),
    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int yes = 1;
  one->socket = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (one->socket < 0) fail("socket");
  setsockopt(one->socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  if (connect(one->socket, (struct sockaddr *)&address, sizeof address) < 0 && errno != EINPROGRESS) fail("connect");
  struct epoll_event event = {.events = EPOLLOUT, .data.ptr = one};
  epoll_ctl(epoll, EPOLL_CTL_ADD, one->socket, &event);
}

static void connected(Connection *one) {
  int error;
  socklen_t size = sizeof error;
  getsockopt(one->socket, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error) { end(one); return; }
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = one};
  epoll_ctl(epoll, EPOLL_CTL_MOD, one->socket, &event);
  if (!paths) {
    one->phase = SELECTING;
    send_all(one, "6.select,3.vnc;", 15);
    return;
  }
  char request[16 * 1024];
  int length = snprintf(request, sizeof request,
    "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Protocol: guacamole\r\n\r\n", paths[(one - connections) % path_count], port);
  one->phase = UPGRADING;
  send_all(one, request, length);
}

static void compare(Connection *one, const char *data, size_t size) {
  for (uint64_t at = one->bytes; size && !one->differs && at < wanted;) {
    size_t offset = at % expected_size, part = expected_size - offset;
    if (part > size) part = size;
    if (part > wanted - at) part = wanted - at;
    one->differs = memcmp(expected + offset, data, part) != 0;
    data += part;
    size -= part;
    at += part;
  }
}

/* Of guacd's stream. */
static void stream(Connection *one, const char *data, size_t size) {
  if (one->phase != OPEN) { one->phase = OPEN; opened++; }
  if (expected) compare(one, data, size);
  one->bytes += size;
  if (!counts_syncs) return;
  for (const char *at = data; (at = memmem(at, data + size - at, SYNC, sizeof SYNC - 1)); at++) one->syncs++;
}

/* Of a message. The tunnel's name is an instruction with an empty opcode, in the first one. */
static void payload(Connection *one, const char *data, size_t size) {
  if (!one->named && size) {
    one->named = 1;
    const char *name = *data == '0' ? memchr(data, ';', size) : NULL;
    if (name) { size -= name + 1 - data; data = name + 1; }
    if (!size && one->phase != OPEN) { one->phase = OPEN; opened++; }
  }
  if (size) stream(one, data, size);
}

static void frames(Connection *one, const char *data, size_t size) {
  while (size && one->phase != CLOSED) {
    if (!one->in_frame) {
      one->header[one->header_size++] = *data++;
      size--;
      if (one->header_size < 2) continue;
      int short_size = one->header[1] & 127, extra = short_size == 126 ? 2 : short_size == 127 ? 8 : 0;
      if (one->header_size < 2 + extra) continue;
      one->frame_left = extra ? 0 : short_size;
      for (int i = 0; i < extra; i++) one->frame_left = one->frame_left << 8 | one->header[2 + i];
      one->opcode = one->header[0] & 15;
      one->fin = one->header[0] >> 7;
      one->header_size = 0;
      one->in_frame = 1;
    }
    size_t part = size < one->frame_left ? size : one->frame_left;
    if (one->opcode < 8) {
      if (part) one->last = data[part - 1];
      payload(one, data, part);
    } else if (one->opcode == 8) {
      end(one);
    }
    data += part;
    size -= part;
    one->frame_left -= part;
    if (one->frame_left) continue;
    one->in_frame = 0;
    /* No ping carries anything here. */
    if (one->opcode == 9) send_frame(one, 10, "", 0);
    if (one->opcode < 8 && one->fin) {
      one->messages++;
      one->cut_messages += one->last != ';';
    }
  }
}

/* What comes before the stream: how much of it was taken. */
static size_t prelude(Connection *one, const char *data, size_t size) {
  size_t before = one->head_size, room = HEAD - 1 - before, part = size < room ? size : room;
  memcpy(one->head + before, data, part);
  one->head_size += part;
  one->head[one->head_size] = 0;
  const char *mark = one->phase == UPGRADING ? "\r\n\r\n" : ";";
  char *found = strstr(one->head, mark);
  if (!found) return part;
  size_t used = found + strlen(mark) - one->head - before;
  one->head_size = 0;
  if (one->phase == UPGRADING) {
    if (strncmp(one->head, "HTTP/1.1 101", 12)) {
      fprintf(stderr, "refused: %.300s\n", one->head);
      end(one);
    }
    one->phase = STARTING;
  } else if (one->phase == SELECTING) {
    int index = one - connections;
    const char *mode = modes[index < mode_count ? index : mode_count - 1];
    char text[512];
    int length = snprintf(text, sizeof text,
      "4.size,4.1920,4.1080,2.96;5.audio;5.video;5.image,9.image/png;"
      "7.connect,13.VERSION_1_3_0,1.h,4.5900,0.,%zu.%s;", strlen(mode), mode);
    send_all(one, text, length);
    one->phase = STARTING;
  } else {
    one->phase = OPEN;
    opened++;
  }
  return used;
}

static void readable(Connection *one) {
  ssize_t size = recv(one->socket, buffer, BUFFER, 0);
  if (size < 0 && errno == EAGAIN) return;
  if (size <= 0) { end(one); return; }
  const char *data = buffer;
  while (size && one->phase != CLOSED && one->phase != OPEN && !(paths && one->phase == STARTING)) {
    size_t used = prelude(one, data, size);
    data += used;
    size -= used;
  }
  if (!size || one->phase == CLOSED) return;
  if (paths) frames(one, data, size);
  else stream(one, data, size);
}

static void wait_events(double until) {
  struct epoll_event events[EVENTS];
  double left = until - now();
  int ready = epoll_wait(epoll, events, EVENTS, left <= 0 ? 0 : left > 0.05 ? 50 : (int)(left * 1000) + 1);
  for (int i = 0; i < ready; i++) {
    Connection *one = events[i].data.ptr;
    if (one->phase == CONNECTING) connected(one);
    else if (one->phase != CLOSED) readable(one);
  }
}

static void run_until(double until) { while (now() < until) wait_events(until); }

static void open_all(void) {
  double limit = now() + 120;
  for (int next = 0; opened + closed < count && now() < limit;) {
    while (next < count && next - opened - closed < at_once) begin(&connections[next++]);
    wait_events(now() + 0.05);
  }
  if (opened < count) { fprintf(stderr, "%d of %d connections were opened\n", opened, count); exit(1); }
}

static int by_size(const void *one, const void *other) {
  double a = *(const double *)one, b = *(const double *)other;
  return (a > b) - (a < b);
}

/* Seconds for which processors of this machine have worked, all together, whoever it was for. */
static double machine_time(void) {
  double user, nice, system, idle, iowait, irq, softirq, steal;
  FILE *file = fopen("/proc/stat", "r");
  int found = file ? fscanf(file, "cpu %lf %lf %lf %lf %lf %lf %lf %lf", &user, &nice, &system, &idle, &iowait,
    &irq, &softirq, &steal) : 0;
  if (file) fclose(file);
  return found == 8 ? (user + nice + system + irq + softirq + steal) / sysconf(_SC_CLK_TCK) : 0;
}

static void throughput(void) {
  run_until(now() + warm_up);
  for (int i = 0; i < count; i++) connections[i].base = connections[i].bytes;
  double began = now(), processor = processor_time(), machine = machine_time(), sum = 0, squares = 0;
  run_until(began + duration);
  double took = now() - began;
  processor = processor_time() - processor;
  machine = machine_time() - machine;
  uint64_t cut = 0;
  for (int i = 0; i < count; i++) {
    double bytes = connections[i].bytes - connections[i].base;
    sum += bytes;
    squares += bytes * bytes;
    cut += connections[i].cut_messages;
  }
  /* Jain, Chiu, Hawe 1984: 1 where all have the same. */
  printf("{\"MBps\":%.2f,\"cpuPerGB\":%.4f,\"jain\":%.4f,\"busy\":%.3f,\"cut\":%lu,\"closed\":%d}\n",
    sum / took / 1e6, sum ? processor / (sum / 1e9) : 0, squares ? sum * sum / (count * squares) : 0,
    machine / took, cut, closed);
}

static void latency(void) {
  counts_syncs = 1;
  Connection *one = connections;
  int size = 0, most = duration * 1e6 / gap + 1;
  double *times = calloc(most, sizeof *times);
  run_until(now() + warm_up);
  for (double finish = now() + duration; size < most && now() < finish && one->phase == OPEN;) {
    uint64_t before = one->syncs;
    ask(one);
    while (one->syncs == before && one->phase == OPEN && now() < one->asked + 5) wait_events(one->asked + 5);
    times[size++] = (now() - one->asked) * 1e6;
    run_until(one->asked + gap * 1e-6);
  }
  qsort(times, size, sizeof *times, by_size);
  printf("{\"samples\":%d,\"p50\":%.1f,\"p99\":%.1f,\"closed\":%d}\n", size, times[size / 2],
    times[(int)(size * 0.99)], closed);
}

static void roundtrips(void) {
  counts_syncs = 1;
  uint64_t done = 0, base = 0;
  double began = now(), start = began + warm_up, processor = 0;
  for (int i = 0; i < count; i++) { connections[i].base = connections[i].syncs; ask(&connections[i]); }
  for (double at; (at = now()) < start + duration;) {
    if (!base && at >= start) { base = done; began = at; processor = processor_time(); }
    wait_events(at + 0.05);
    for (int i = 0; i < count; i++) {
      if (connections[i].syncs == connections[i].base || connections[i].phase != OPEN) continue;
      connections[i].base = connections[i].syncs;
      done++;
      ask(&connections[i]);
    }
  }
  printf("{\"perSecond\":%.0f,\"cpuPerMillion\":%.2f,\"closed\":%d}\n", (done - base) / (now() - began),
    (processor_time() - processor) / ((done - base) / 1e6), closed);
}

static void idle(void) {
  /* Before the first connection: `open_all` has not run. */
  long before = memory();
  double began = now(), processor = processor_time();
  open_all();
  double took = now() - began;
  run_until(now() + duration);
  printf("{\"perSecond\":%.1f,\"cpuMsEach\":%.4f,\"kiBEach\":%.2f,\"closed\":%d}\n", count / took,
    (processor_time() - processor) * 1000 / count, (double)(memory() - before) / count, closed);
}

static void receive_wanted(double limit) {
  for (int missing = 1; missing && now() < limit;) {
    wait_events(limit);
    missing = 0;
    for (int i = 0; i < count; i++) missing |= connections[i].phase != CLOSED && connections[i].bytes < wanted;
  }
}

static void print_exact(long grown) {
  int exact = 0;
  uint64_t cut = 0;
  for (int i = 0; i < count; i++) {
    exact += connections[i].bytes >= wanted && !connections[i].differs;
    cut += connections[i].cut_messages;
  }
  printf("{\"exact\":%d,\"of\":%d,\"bytes\":%lu,\"cut\":%lu,\"grownKiB\":%ld}\n", exact, count, connections[0].bytes,
    cut, grown);
}

static void stalled(void) {
  run_until(now() + warm_up);
  /* What lies in the sockets' buffers is filled by then. */
  usleep(1000000);
  long before = memory(), peak = before;
  for (double finish = now() + duration; now() < finish; usleep(100000)) {
    long size = memory();
    if (size > peak) peak = size;
  }
  receive_wanted(now() + 60);
  print_exact(peak - before);
}

static char *read_file(const char *path, size_t *size) {
  FILE *file = fopen(path, "r");
  if (!file) fail(path);
  fseek(file, 0, SEEK_END);
  *size = ftell(file);
  rewind(file);
  char *text = malloc(*size + 1);
  if (fread(text, 1, *size, file) != *size) fail(path);
  text[*size] = 0;
  fclose(file);
  return text;
}

static void read_paths(const char *file) {
  size_t size;
  char *rest = read_file(file, &size);
  paths = calloc(size / 2 + 1, sizeof *paths);
  for (char *line; (line = strsep(&rest, "\n"));) if (*line) paths[path_count++] = line;
}

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  const char *command = argv[1];
  int option;
  optind = 2;
  while ((option = getopt(argc, argv, "p:n:c:w:t:g:u:m:f:b:P:")) != -1) {
    char *list = optarg, *part;
    switch (option) {
      case 'p': port = atoi(optarg); break;
      case 'n': count = atoi(optarg); break;
      case 'c': at_once = atoi(optarg); break;
      case 'w': warm_up = atof(optarg); break;
      case 't': duration = atof(optarg); break;
      case 'g': gap = atof(optarg); break;
      case 'u': read_paths(optarg); break;
      case 'm': while ((part = strsep(&list, ",")) && mode_count < 64) modes[mode_count++] = part; break;
      case 'f': expected = read_file(optarg, &expected_size); break;
      case 'b': wanted = atol(optarg); break;
      case 'P': while ((part = strsep(&list, ",")) && pid_count < PIDS) pids[pid_count++] = atoi(part); break;
      default: return 2;
    }
  }
  if (paths ? path_count < count : mode_count == 0) { fprintf(stderr, "too few paths or modes\n"); return 2; }
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  epoll = epoll_create1(0);
  connections = calloc(count, sizeof *connections);

  if (!strcmp(command, "idle")) { idle(); return 0; }
  open_all();
  if (!strcmp(command, "throughput")) throughput();
  else if (!strcmp(command, "latency")) latency();
  else if (!strcmp(command, "roundtrips")) roundtrips();
  else if (!strcmp(command, "exact")) { receive_wanted(now() + 60); print_exact(0); }
  else if (!strcmp(command, "stalled")) stalled();
  else return 2;
  return 0;
}
