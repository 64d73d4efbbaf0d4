/*
 * A guacd for measuring tunnels: guacd -p PORT -d FOLDER
 *
 * Answers the handshake and then does what the connection's `username` says:
 *   idle               a sync at once, a sync for each mouse instruction, nop every 5 s
 *   blast:MIX          FOLDER/MIX.mix again and again, as fast as it is taken
 *   pace:MIX:RATE      the same at RATE bytes a second, in bursts of a sixtieth of a second
 *   once:MIX:N:SEG     the first N bytes of that, no more than SEG at a time; each segment has a tick
 *                      of the clock of its own where SEG is not 0
 * Loopback only, one thread. Ends by a signal.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum { TICKS = 960, FRAME_TICKS = TICKS / 60, NOP_TICKS = TICKS * 5 };
enum { CHUNK = 64 * 1024, MIXES = 16, EVENTS = 512, REQUEST = 16 * 1024, ELEMENTS = 64 };

typedef struct { char name[64]; char *bytes; size_t size; } Mix;
typedef enum { HANDSHAKE, IDLE, BLAST, PACE, ONCE } Mode;

typedef struct Session {
  int socket, wants_room, dead;
  Mode mode;
  char request[REQUEST];
  size_t request_size;
  const Mix *mix;
  size_t offset;             /* of the next byte of the mix */
  size_t left, segment;      /* ONCE: bytes to come, bytes at a time */
  double rate, credit;       /* PACE: bytes a second, bytes that are due */
  unsigned phase;            /* so that not all are due at once */
  struct Session *previous, *next;
} Session;

static const char *folder = ".";
static Mix mixes[MIXES];
static int mix_count, epoll;
static Session *sessions;
static uint64_t ticks;

static void fail(const char *what) { perror(what); exit(1); }

static const Mix *mix_named(const char *name) {
  for (int i = 0; i < mix_count; i++) if (!strcmp(mixes[i].name, name)) return &mixes[i];
  char path[512];
  snprintf(path, sizeof path, "%s/%s.mix", folder, name);
  FILE *file = fopen(path, "r");
  if (!file || mix_count == MIXES) fail(path);
  Mix *mix = &mixes[mix_count++];
  snprintf(mix->name, sizeof mix->name, "%s", name);
  fseek(file, 0, SEEK_END);
  mix->size = ftell(file);
  rewind(file);
  mix->bytes = malloc(mix->size);
  if (fread(mix->bytes, 1, mix->size, file) != mix->size) fail(path);
  fclose(file);
  return mix;
}

static void wait_for_room(Session *session, int wanted) {
  if (session->wants_room == wanted) return;
  session->wants_room = wanted;
  struct epoll_event event = {.events = EPOLLIN | (wanted ? EPOLLOUT : 0), .data.ptr = session};
  epoll_ctl(epoll, EPOLL_CTL_MOD, session->socket, &event);
}

/* What is small always finds room: nobody here reads it slower than it is said. */
static void say(Session *session, const char *text) {
  if (send(session->socket, text, strlen(text), MSG_NOSIGNAL) < 0) session->dead = 1;
}

/* Bytes of the mix, at most so many. False when no more is taken for now. */
static int send_mix(Session *session, size_t most, size_t *sent) {
  size_t size = session->mix->size - session->offset;
  if (size > most) size = most;
  ssize_t taken = send(session->socket, session->mix->bytes + session->offset, size, MSG_NOSIGNAL);
  *sent = taken > 0 ? taken : 0;
  if (taken < 0 && errno != EAGAIN) session->dead = 1;
  session->offset = (session->offset + *sent) % session->mix->size;
  return *sent == size;
}

static void blast(Session *session) {
  size_t sent;
  for (int i = 0; i < 4; i++) if (!send_mix(session, CHUNK, &sent)) break;
  wait_for_room(session, 1);
}

static void pace(Session *session) {
  size_t sent;
  int taken = 1;
  while (taken && session->credit >= 1) {
    taken = send_mix(session, session->credit < CHUNK ? session->credit : CHUNK, &sent);
    session->credit -= sent;
  }
  wait_for_room(session, !taken);
}

static void once(Session *session) {
  size_t sent;
  int taken = 1, limit = session->segment ? 1 : 4;
  while (taken && session->left && limit--) {
    size_t most = session->segment ? session->segment : CHUNK;
    taken = send_mix(session, session->left < most ? session->left : most, &sent);
    session->left -= sent;
  }
  wait_for_room(session, session->left && !session->segment);
}

static void begin(Session *session, char *wish) {
  char *rest, *kind = strtok_r(wish, ":", &rest), *mix = strtok_r(NULL, ":", &rest);
  char *number = strtok_r(NULL, ":", &rest), *segment = strtok_r(NULL, ":", &rest);
  session->mode = !kind ? IDLE : !strcmp(kind, "blast") ? BLAST : !strcmp(kind, "pace") ? PACE
    : !strcmp(kind, "once") ? ONCE : IDLE;
  if (session->mode != IDLE) session->mix = mix_named(mix ? mix : "real");
  session->rate = session->left = number ? atol(number) : 0;
  session->segment = segment ? atol(segment) : 0;
  say(session, "5.ready,37.$260d01da-779b-4ee9-afc1-c16bae885cc7;");
  if (session->mode == IDLE) say(session, "4.sync,8.00000000;");
  else wait_for_room(session, session->mode == BLAST || session->mode == ONCE);
}

/* One instruction; its last element, for `connect`, is the username. */
static void obey(Session *session, const char *opcode, size_t size, const char *last, size_t last_size) {
  if (size == 6 && !memcmp(opcode, "select", 6)) {
    say(session, "4.args,13.VERSION_1_3_0,8.hostname,4.port,8.password,8.username;");
  } else if (size == 7 && !memcmp(opcode, "connect", 7)) {
    char wish[128];
    snprintf(wish, sizeof wish, "%.*s", (int)last_size, last);
    begin(session, wish);
  } else if (size == 5 && !memcmp(opcode, "mouse", 5) && session->mode == IDLE) {
    say(session, "4.sync,8.12345678;");
  }
}

/* The length of one element's prefix and content; 0 while it is not whole. All text is ASCII here. */
static size_t element(const char *at, const char *end, const char **content, size_t *size) {
  const char *dot = memchr(at, '.', end - at);
  if (!dot) return 0;
  *size = strtoul(at, NULL, 10);
  *content = dot + 1;
  return *content + *size < end ? (size_t)(*content + *size - at) : 0;
}

static void hear(Session *session) {
  ssize_t count = recv(session->socket, session->request + session->request_size,
    REQUEST - session->request_size, 0);
  if (count == 0 || (count < 0 && errno != EAGAIN)) session->dead = 1;
  if (count <= 0) return;
  session->request_size += count;
  const char *begun = session->request, *at = begun, *end = begun + session->request_size;
  const char *opcode = NULL, *content;
  size_t opcode_size = 0, size, length;
  while (at < end && (length = element(at, end, &content, &size))) {
    if (!opcode) { opcode = content; opcode_size = size; }
    at += length;
    if (*at++ == ';') {
      obey(session, opcode, opcode_size, content, size);
      begun = at;
      opcode = NULL;
    }
  }
  session->request_size = end - begun;
  memmove(session->request, begun, session->request_size);
}

static void greet(int listener) {
  int socket, yes = 1;
  while ((socket = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    Session *session = calloc(1, sizeof *session);
    session->socket = socket;
    session->phase = random() % NOP_TICKS;
    session->next = sessions;
    if (sessions) sessions->previous = session;
    sessions = session;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = session};
    epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event);
  }
}

static void tick(int timer) {
  uint64_t passed, before = ticks;
  if (read(timer, &passed, sizeof passed) != sizeof passed) return;
  ticks += passed;
  for (Session *session = sessions; session; session = session->next) {
    uint64_t from = before + session->phase, to = ticks + session->phase;
    if (session->dead) continue;
    if (session->mode == ONCE && session->segment) once(session);
    if (session->mode == PACE) {
      session->credit += session->rate / 60 * (to / FRAME_TICKS - from / FRAME_TICKS);
      if (session->credit > session->rate) session->credit = session->rate;
      pace(session);
    }
    if (session->mode == IDLE && to / NOP_TICKS > from / NOP_TICKS) say(session, "3.nop;");
  }
}

static void bury(void) {
  for (Session *session = sessions, *next; session; session = next) {
    next = session->next;
    if (!session->dead) continue;
    if (session->previous) session->previous->next = next; else sessions = next;
    if (next) next->previous = session->previous;
    close(session->socket);
    free(session);
  }
}

int main(int argc, char **argv) {
  int port = 0, option, yes = 1;
  while ((option = getopt(argc, argv, "p:d:")) != -1) {
    if (option == 'p') port = atoi(optarg);
    else if (option == 'd') folder = optarg;
    else return 2;
  }
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);

  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port),
    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0) fail("bind");
  if (listen(listener, 4096) < 0) fail("listen");
  socklen_t length = sizeof address;
  getsockname(listener, (struct sockaddr *)&address, &length);
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);

  int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
  struct itimerspec period = {{0, 1000000000 / TICKS}, {0, 1000000000 / TICKS}};
  timerfd_settime(timer, 0, &period, NULL);
  epoll = epoll_create1(0);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = &listener};
  epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
  event.data.ptr = &timer;
  epoll_ctl(epoll, EPOLL_CTL_ADD, timer, &event);

  struct epoll_event events[EVENTS];
  for (;;) {
    int count = epoll_wait(epoll, events, EVENTS, -1), gone = 0;
    for (int i = 0; i < count; i++) {
      void *what = events[i].data.ptr;
      if (what == &listener) { greet(listener); continue; }
      if (what == &timer) { tick(timer); continue; }
      Session *session = what;
      if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) hear(session);
      if (!session->dead && events[i].events & EPOLLOUT) {
        if (session->mode == BLAST) blast(session);
        else if (session->mode == PACE) pace(session);
        else if (session->mode == ONCE) once(session);
      }
      gone |= session->dead;
    }
    if (gone) bury();
  }
}
