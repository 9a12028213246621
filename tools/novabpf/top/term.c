// SPDX-License-Identifier: GPL-2.0-only
/*
 * The terminal of novabpf top: the other screen, one key to end, and all as it was
 * afterwards, whatever ends us. ANSI sequences are enough for that.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "internal.h"

#define ENTER	"\033[?1049h\033[?25l"
#define LEAVE	"\033[?25h\033[?1049l"

static volatile sig_atomic_t ended, suspend, redraw;
static struct termios before;
static bool keys, active;

static void on_signal(int sig)
{
	if (sig == SIGTSTP)
		suspend = 1;
	else if (sig == SIGWINCH || sig == SIGCONT)
		redraw = 1;
	else
		ended = 1;
}

static void say(const char *sequence)
{
	fputs(sequence, stdout);
	fflush(stdout);
}

static void switch_on(void)
{
	struct termios raw = before;

	raw.c_lflag &= ~(ICANON | ECHO);
	if (keys)
		tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	say(ENTER);
}

static void switch_off(void)
{
	say(LEAVE);
	if (keys)
		tcsetattr(STDIN_FILENO, TCSANOW, &before);
}

/* Return: whether frames replace each other: wanted, and standard output is a terminal. */
bool term_enter(bool screen)
{
	static const int signals[] = {
		SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGWINCH, SIGCONT,
	};
	struct sigaction act = { .sa_handler = on_signal };
	size_t i;

	active = screen && isatty(STDOUT_FILENO);
	for (i = 0; i < ARRAY_LEN(signals); i++)
		if (active || signals[i] != SIGTSTP)
			sigaction(signals[i], &act, NULL);
	if (!active)
		return false;
	keys = isatty(STDIN_FILENO) && !tcgetattr(STDIN_FILENO, &before);
	switch_on();
	return true;
}

void term_leave(void)
{
	if (active)
		switch_off();
	active = false;
}

/* A frame of lines, cut to what fits. */
void term_show(const char *frame)
{
	struct winsize size = { .ws_row = 24, .ws_col = 80 };
	int row;

	ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
	if (!size.ws_row || !size.ws_col)
		size = (struct winsize){ .ws_row = 24, .ws_col = 80 };
	fputs("\033[H", stdout);
	for (row = 0; row < size.ws_row && *frame; row++) {
		int len = strcspn(frame, "\n");

		printf("%s%.*s\033[K", row ? "\r\n" : "", len < size.ws_col ? len : size.ws_col,
		       frame);
		frame += len + (frame[len] == '\n');
	}
	fputs("\033[J", stdout);
	fflush(stdout);
}

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ull + ts.tv_nsec / 1000000;
}

static void stop_here(void)
{
	suspend = 0;
	switch_off();
	raise(SIGSTOP);
	switch_on();
	redraw = 1;
}

bool term_wait(uint64_t ms)
{
	struct pollfd pfd = { .fd = keys && active ? STDIN_FILENO : -1, .events = POLLIN };
	uint64_t end = now_ms() + ms, now;
	char key;

	redraw = 0;
	while (!ended && (now = now_ms()) < end) {
		/* A signal just before it comes late by this much. */
		int n = poll(&pfd, 1, end - now < 200 ? end - now : 200);

		if (suspend && active)
			stop_here();
		if (redraw)
			break;
		if (n <= 0)
			continue;
		if (read(STDIN_FILENO, &key, 1) != 1)
			pfd.fd = -1;
		else if (key == 'q' || key == 'Q')
			ended = 1;
	}
	return !ended;
}
