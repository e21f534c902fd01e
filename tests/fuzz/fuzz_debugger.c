/* The debugger: any text of commands is answered, a line each or a complaint, and never ends it in another way. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/elf_file.h"
#include "fuzz.h"
#include "tollgate/commands.h"

static const char *const seeds[] = {
    "help\nhelp info\nhelp iret\nhelp ptroot\napropos ring\ninfo registers\ni r a0 pc\ninfo cregs\ninfo cores\ninfo rings\n",
    "info gates\ninfo gates 1 300\ninfo tlb\ninfo irq\ninfo devices\ninfo devices keyboard\ninfo port 0x60\ninfo screen\n",
    "stepi 3\nstep\nnext\nx/4i pc\nx/3xw sp\nx\nxp/8xb 0x1000\nx/2s 0x1000\ndisassemble\nwalk 0x1000 store 3\n",
    "break start\ntbreak *0x1004 if t0 == 3\ncontinue\ninfo break\nignore 1 3\ncondition 1 t0 > 5\nc\ndelete\n",
    "watch *(int *)0x3000\nrwatch 0x3000 to 0x3010\nawatch port 0x60 to 0x64\nwatch ptroot\ncatch trap 1-5 from 3 to 0\n"
    "catch syscall 5 if a0\ncatch irq keyboard cpu 0\ncatch tlb\nc\ninfo break\n",
    "stepi 50\ncheckpoint here\nreverse-stepi 5\ngoto 10\ngoto +5\ngoto -3\ngoto end\nrestart here\nundo\nwhen\nlastwrite t0\n",
    "print/x t0 + 1\np $ * 2\np $1\nset $a = 5\nset t0 = $a\nset *(char *)0x3000 = 'x'\nset phys:0x3000 = 1\ndisplay/i pc\n"
    "display t0\nsi\nundisplay 1\nwhatis 1\nptype int\n",
    "define two\nprint $arg0\nprint $argc\nend\ntwo 5\ndocument two\nprints\nend\nhelp two\nif t0 == 1\necho a\nelse\necho b\nend\n"
    "set $i = 0\nwhile $i < 3\nset $i = $i + 1\nend\nassert $i == 3\n",
    "break start\ncommands\nsi\nend\nrun\nlog start\nc\nledger 5\nexplain\nstats\nps\nmsgs\nqueues\nservices\nfds\nprocess 3\n",
    "backtrace\nframe 1\nup\ndown\nlist\ninfo line start\ninfo symbol 0x1000\ninfo source\ninfo frame\ninfo locals\ninfo args\n",
    "key \"ls\\n\"\nserial \"x\"\nreset\nsi\nsnapshot x\nsave session x\nload session x\nuser\nuntil\nadvance start\nfinish\nleave\n",
};

size_t fuzz_seed(unsigned index, uint8_t *bytes)
{
    if (index >= sizeof seeds / sizeof seeds[0]) {
        return 0;
    }
    memcpy(bytes, seeds[index], strlen(seeds[index]));
    return strlen(seeds[index]);
}

/* The program to be debugged, written once. */
static const char *image_path(void)
{
    static char path[] = "/tmp/fuzz_debugger_XXXXXX";
    static int is_made;
    struct elf_file file;
    if (is_made++) {
        return path;
    }
    elf_file_init(&file);
    int descriptor = mkstemp(path);
    if (descriptor < 0 || write(descriptor, file.bytes, file.size) != (ssize_t)file.size) {
        fuzz_fail("no file for the image");
    }
    close(descriptor);
    return path;
}

/* What the debugger prints, and what it would read, is nobody's. */
static void be_quiet(void)
{
    int nothing = open("/dev/null", O_RDWR);
    fflush(stdout);
    dup2(nothing, STDIN_FILENO);
    dup2(nothing, STDOUT_FILENO);
    dup2(nothing, STDERR_FILENO);
    close(nothing);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const char *path = image_path();
    int outputs[3] = {dup(STDIN_FILENO), dup(STDOUT_FILENO), dup(STDERR_FILENO)};
    char *text = malloc(size + 1);
    if (text == NULL) {
        return 0;
    }
    memcpy(text, bytes, size);
    text[size] = '\0';
    char program[] = "debug", read_only[] = "--read-only", plain[] = "--nx", limit[] = "--max-commands=300",
         insns[] = "--max-insns=20000", ram[] = "--ram=64K", command[] = "-ex";
    char *argv[] = {program, read_only, plain, limit, insns, ram, command, text, (char *)path, NULL};
    be_quiet();
    int status = command_debug((int)(sizeof argv / sizeof argv[0]) - 1, argv);
    fflush(stdout);
    fflush(stderr);
    for (int i = 0; i < 3; i++) {
        dup2(outputs[i], i);
        close(outputs[i]);
    }
    free(text);
    if (status < 0 || status > 99) {
        fuzz_fail("the debugger ends with status %d", status);
    }
    return 0;
}
