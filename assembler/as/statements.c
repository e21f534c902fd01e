/* See statements.h. */
#include "as/statements.h"

#include "as/directives.h"
#include "as/expressions.h"
#include "as/input.h"
#include "as/macros.h"
#include "as/report.h"
#include "as/sections.h"
#include "as/symbols.h"

/* --- Words --------------------------------------------------------------------------------------
 */

struct word *find_word(struct assembly *as, struct slice name)
{
    return names_find(&as->words, name);
}

static struct word *make_word(struct assembly *as, const char *name)
{
    struct word *word = find_word(as, slice_of(name));

    if (!word) {
        word = arena_alloc(&as->arena, sizeof *word);
        names_set(&as->words, slice_of(name), word);
    }
    return word;
}

void add_words(struct assembly *as)
{
    const struct pseudo *pseudo;
    const struct directive *directive;

    for (int id = TG_INSN_ILLEGAL + 1; id < TG_INSN_COUNT; id++)
        make_word(as, tg_insn_info((enum tg_insn_id)id)->mnemonic)->insn = (enum tg_insn_id)id;
    for (size_t i = 0; (pseudo = pseudo_row(i)) != NULL; i++) {
        struct word *word = make_word(as, pseudo->mnemonic);

        if (!word->pseudo)
            word->pseudo = pseudo;
    }
    for (size_t i = 0; (directive = directive_row(i)) != NULL; i++)
        make_word(as, directive->name)->directive = directive;
}

static bool unknown_word(struct assembly *as, struct slice name)
{
    const char **names = arena_alloc(&as->arena, as->words.count * sizeof *names);
    size_t count = 0;

    for (size_t i = 0; i < as->words.room; i++) {
        const struct name_entry *entry = &as->words.entries[i];

        /* Directives are near directives, and all else is near all else. */
        if (entry->value && (entry->name.at[0] == '.') == (name.at[0] == '.'))
            names[count++] = arena_text(&as->arena, entry->name.at, entry->name.length);
    }
    return error_here(as, name.at, "unknown %s \"%.*s\"%s",
                      name.at[0] == '.' ? "directive" : "instruction", SLICE(name),
                      suggestion(as, name, names, count));
}

/* --- Lines --------------------------------------------------------------------------------------
 */

static bool is_condition(const struct word *word)
{
    return word && !word->macro && word->directive &&
           (word->directive->run == begin_if || word->directive->run == next_if ||
            word->directive->run == end_if);
}

/* "1:" */
static bool take_numeric_label(struct assembly *as)
{
    struct slice digits = {as->at, 0};

    while (as->at < as->end && *as->at >= '0' && *as->at <= '9')
        as->at++;
    digits.length = (size_t)(as->at - digits.at);
    return expect(as, ':') && (!is_reading(as) || define_numeric_label(as, digits));
}

/* "NAME = VALUE", after the name. */
static bool is_assignment(struct assembly *as)
{
    return !skip_blanks(as) && *as->at == '=' && (as->end - as->at < 2 || as->at[1] != '=');
}

static bool take_assignment(struct assembly *as, struct slice name)
{
    struct value value;

    as->at++;
    return take_value(as, &value) && define_equal(as, name, name.at, value) && expect_end(as);
}

static bool run_word(struct assembly *as, struct slice name, const struct word *word)
{
    if (!word)
        return unknown_word(as, name);
    if (word->macro)
        return call_macro(as, word->macro);
    if (word->directive)
        return word->directive->run(as, word->directive->argument);
    return assemble_instruction(as, name, word);
}

/* A line: labels, then at most one statement. */
static bool read_line(struct assembly *as)
{
    while (!skip_blanks(as)) {
        struct slice name;
        struct word *word;

        as->statement = as->at;
        if (*as->at >= '0' && *as->at <= '9') {
            if (!take_numeric_label(as))
                return false;
            continue;
        }
        name = take_name(as);
        if (name.length == 0)
            return is_reading(as) ? error_here(as, NULL,
                                               "expected a label, an instruction or a directive, "
                                               "found %s",
                                               what_comes(as))
                                  : false;
        if (accept(as, ':')) {
            if (is_reading(as) && !define_label(as, name))
                return false;
            continue;
        }
        word = find_word(as, name);
        if (!is_reading(as) && !is_condition(word))
            return true;
        if (is_assignment(as) && !is_condition(word))
            return take_assignment(as, name);
        as->at = name.at + name.length;
        return run_word(as, name, word);
    }
    return true;
}

static void list_line(struct assembly *as, const struct spot *spot, struct place from)
{
    struct place to = here(as);

    if (to.section != from.section)
        from = to;
    GROW(as->listed, as->listed_count, as->listed_room);
    as->listed[as->listed_count++] = (struct listed){*spot, from, to};
}

void read_statements(struct assembly *as)
{
    while (!as->is_stopped && next_line(as)) {
        struct spot spot = as->spot;
        struct place from = here(as);

        read_line(as);
        if (as->options->listing)
            list_line(as, &spot, from);
    }
}
