/*
 * init: the first process. Opens the console as files 0 to 2 and runs the shell, again whenever it ends;
 * with the boot word run="COMMAND LINE" the shell does that, and the machine is switched off with its
 * status; with account=1 the costs of all calls are counted (calls prints them). Waits for all processes whose parents ended before them.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "turnpike.h"

enum { MOST_WORDS = 1024, MOST_STATUS = 99, STATUS_NO_SHELL = 98 };

static void open_console(void)
{
    static const char console[] = "/dev/console";

    if (open(console, O_RDWR) != 0) {
        mkdir("/dev", 0777);
        mknod(console, S_IFCHR | 0666, TP_DEVICE_CONSOLE << 8);
        open(console, O_RDWR);
    }
    dup(0);
    dup(0);
}

static char boot_words[MOST_WORDS];

/* Where the boot words have a name with its =, behind it; NULL: nowhere. */
static char *find_word(const char *name)
{
    char *at = boot_words;

    while ((at = strstr(at, name)) != NULL) {
        if (at == boot_words || at[-1] == ' ')
            return at + strlen(name);
        at++;
    }
    return NULL;
}

/* The command line of the boot words, NULL: there is none. It ends at the quote that it began with, or else
 * at a blank. */
static const char *boot_command(void)
{
    char *run = find_word("run="), *end, quote;

    if (!run)
        return NULL;
    quote = *run == '"' || *run == '\'' ? *run++ : ' ';
    end = strchr(run, quote);
    if (end)
        *end = '\0';
    return run;
}

static void print_file(const char *path)
{
    char bytes[512];
    int file = open(path, O_RDONLY), count;

    while (file >= 0 && (count = (int)read(file, bytes, sizeof bytes)) > 0)
        (void)!write(1, bytes, (size_t)count);
    if (file >= 0)
        close(file);
}

/* Starts the shell; its pid. */
static pid_t start_shell(const char *command)
{
    char *const interactive[] = {"sh", NULL};
    char *const run[] = {"sh", "-c", (char *)(uintptr_t)command, NULL};
    pid_t child = fork();

    if (child == 0) {
        setpgid(0, 0);
        tp_foreground(getpid());
        execv("/bin/sh", command ? run : interactive);
        dprintf(2, "init: /bin/sh: %s\n", strerror(errno));
        _exit(STATUS_NO_SHELL);
    }
    return child;
}

static int exit_status(int status)
{
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);

    return code < MOST_STATUS ? code : MOST_STATUS;
}

int main(void)
{
    const char *command, *account;

    open_console();
    if (tp_boot_words(boot_words, sizeof boot_words - 1) < 0)
        boot_words[0] = '\0';
    account = find_word("account=");
    if (account && *account == '1')
        tp_account(1); /* of all processes: they are its children */
    command = boot_command();
    if (!command)
        print_file("/etc/motd");
    for (;;) {
        pid_t shell = start_shell(command), child;
        int status = 0;

        if (shell < 0)
            dprintf(2, "init: the shell cannot be started: %s\n", strerror(errno));
        do
            child = wait(&status);
        while (child != shell && (child > 0 || errno == EINTR));
        if (command || shell < 0 || (WIFEXITED(status) && WEXITSTATUS(status) == STATUS_NO_SHELL))
            tp_power_off((unsigned)exit_status(status));
    }
}
