/*
 * Help: all commands on one screen, one command, one instruction, and commands by a word in their texts. All of it is made
 * from the table of commands and the instruction set's own.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "commands.h"
#include "common/options.h"
#include "debugger.h"
#include "isa/isa.h"
#include "table.h"

#define SCREEN_COLUMNS 79
#define TITLE_COLUMNS  12

/* --- All ---------------------------------------------------------------------------------------------------------------- */

/* The names of a group, in lines of a screen. */
static void help_group(struct debugger *d, enum command_group group)
{
    const struct command *row;
    size_t column = TITLE_COLUMNS;
    say(d, "%-*s", TITLE_COLUMNS, table_group_title(group));
    for (size_t i = 0; (row = table_row(i)) != NULL; i++) {
        if (row->group != group || !table_is_below(row, NULL))
            continue;
        size_t length = strlen(row->name) + 1;
        if (column + length > SCREEN_COLUMNS) {
            say(d, "\n%*s", TITLE_COLUMNS, "");
            column = TITLE_COLUMNS;
        }
        say(d, " %s", row->name);
        column += length;
    }
    say(d, "\n");
}

static bool help_all(struct debugger *d)
{
    for (int group = 0; group < GROUP_COUNT; group++)
        help_group(d, (enum command_group)group);
    if (d->definitions != NULL) {
        say(d, "%-*s", TITLE_COLUMNS, "yours");
        for (const struct definition *one = d->definitions; one != NULL; one = one->next)
            say(d, " %s", one->name);
        say(d, "\n");
    }
    say(d, "\nhelp COMMAND tells more, help INSTRUCTION too; apropos WORD finds commands.\n"
           "Any beginning that fits one command alone will do. Enter repeats, Tab\n"
           "completes, ^C stops the guest, console gives it the keyboard.\n");
    return true;
}

/* --- One ---------------------------------------------------------------------------------------------------------------- */

static void help_below(struct debugger *d, const struct command *parent)
{
    const struct command *row;
    for (size_t i = 0; (row = table_row(i)) != NULL; i++)
        if (table_is_below(row, parent))
            say(d, "  %s %-12s %.*s\n", parent->name, table_own_name(row), (int)strcspn(row->help, "\n"), row->help);
}

static bool help_command(struct debugger *d, const struct command *row)
{
    say(d, "%s%s%s", row->name, row->syntax[0] != '\0' ? " " : "", row->syntax);
    if (row->aliases[0] != '\0')
        say(d, "    (short: %s)", row->aliases);
    say(d, "\n");
    for (const char *line = row->help; *line != '\0'; line += line[0] == '\n') {
        size_t length = strcspn(line, "\n");
        say(d, "  %.*s\n", (int)length, line);
        line += length;
    }
    help_below(d, row);
    if (row->example[0] != '\0')
        say(d, "  example: %s\n", row->example);
    return true;
}

static bool help_definition(struct debugger *d, const struct definition *one)
{
    say(d, "%s: defined by you\n%s", one->name, one->help != NULL ? one->help : one->text);
    return true;
}

static const char *ring_words(uint8_t ring)
{
    static const char *const words[] = {"ring 0 alone", "rings 0 and 1", "rings 0 to 2", "all rings",
                                        "rings up to the I/O privilege level",
                                        "rings up to the I/O privilege level; others by the port bitmap",
                                        "as the control register says"};
    return ring < sizeof words / sizeof words[0] ? words[ring] : "?";
}

static bool help_instruction(struct debugger *d, enum tg_insn_id id)
{
    const struct tg_insn_info *info = tg_insn_info(id);
    const struct tg_format_info *format = tg_format_info(info->format);
    say(d, "%s%s%s    (an instruction: %s)\n  %s\n", info->mnemonic, info->operands[0] != '\0' ? " " : "", info->operands,
        tg_insn_group(id), info->meaning);
    say(d, "  may be executed by: %s\n", ring_words(info->ring));
    say(d, "  format %s: %s; word & 0x%08x is 0x%08x\n", format->name, format->meaning, info->mask, info->match);
    return true;
}

static bool help_creg(struct debugger *d, uint32_t number)
{
    const struct tg_creg_info *info = tg_creg_info(number);
    say(d, "%s    (control register 0x%02x)\n  %s\n", info->name, number, info->meaning);
    if (info->write_ring == TG_CREG_NEVER)
        say(d, "  read by %s, written by none\n", ring_words((uint8_t)info->read_ring));
    else
        say(d, "  read by %s, written by %s, bits 0x%08x\n", ring_words((uint8_t)info->read_ring),
            ring_words((uint8_t)info->write_ring), info->writable);
    return true;
}

bool help_help(struct debugger *d, struct args *args)
{
    if (args_is_empty(args))
        return help_all(d);
    size_t length = strcspn(args->at, " \t/");
    const struct definition *defined = script_find(d, args->at, length);
    if (defined != NULL)
        return help_definition(d, defined);
    const struct command *row = table_find(d, NULL, args->at, length, true);
    enum tg_insn_id insn = tg_insn_by_mnemonic(args->at, length);
    int creg = tg_creg_by_name(args->at, length);
    if (insn != TG_INSN_ILLEGAL && (row == NULL || strlen(row->name) != length))
        return help_instruction(d, insn);
    if (creg >= 0 && row == NULL)
        return help_creg(d, (uint32_t)creg);
    struct args parsed;
    row = table_parse(d, args->at, &parsed);
    if (row == NULL)
        return false;
    parsed.name = "help";
    return args_end(d, &parsed) && help_command(d, row);
}

bool help_parent(struct debugger *d, struct args *args)
{
    const struct command *row = table_find(d, NULL, args->name, strlen(args->name), true);
    if (row == NULL)
        return false;
    say(d, "%s %s\n", row->name, row->syntax);
    help_below(d, row);
    return true;
}

/* --- By a word ---------------------------------------------------------------------------------------------------------- */

bool help_apropos(struct debugger *d, struct args *args)
{
    char word[ARGS_WORD_BYTES];
    const struct command *row;
    unsigned count = 0;
    if (!args_word(d, args, word))
        return complain(d, "%s: expected a word to look for", args->name);
    if (!args_end(d, args))
        return false;
    for (size_t i = 0; (row = table_row(i)) != NULL; i++)
        if (strcasestr(row->name, word) != NULL || strcasestr(row->help, word) != NULL) {
            say(d, "%-18s %.*s\n", row->name, (int)strcspn(row->help, "\n"), row->help);
            count++;
        }
    for (int id = 1; id < TG_INSN_COUNT; id++) {
        const struct tg_insn_info *info = tg_insn_info((enum tg_insn_id)id);
        if (strcasestr(info->meaning, word) != NULL) {
            say(d, "%-18s %s (an instruction)\n", info->mnemonic, info->meaning);
            count++;
        }
    }
    return count > 0 || complain(d, "%s: nothing speaks of \"%s\"", args->name, word);
}
