/* Types in C's words, see value.h: their names, declarations and descriptions. */
#include <dwarf.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "debug/type_internal.h"

/* By tg_type_info.qualifier. */
static const char *const qualifiers[] = {"const", "volatile", "restrict", "_Atomic"};

struct text {
    char *bytes;
    size_t size, used;
    bool is_argument; /* of a function: the arguments of its own are not gone into */
};

__attribute__((format(printf, 2, 3))) static void put(struct text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int written = vsnprintf(text->bytes + text->used, text->size - text->used, format, arguments);
    va_end(arguments);
    size_t left = text->size - text->used - 1;
    text->used += written > 0 ? ((size_t)written < left ? (size_t)written : left) : 0;
}

#define MAX_DECLARATOR 256

/* Puts text before the declarator that is so far. */
static void put_before(char *declarator, const char *text)
{
    char longer[MAX_DECLARATOR];
    snprintf(longer, sizeof longer, "%s%.*s", text, (int)(sizeof longer - 1 - strlen(text)),
             declarator);
    memcpy(declarator, longer, sizeof longer);
}

static void put_after(char *declarator, const char *text)
{
    size_t used = strlen(declarator);
    snprintf(declarator + used, MAX_DECLARATOR - used, "%s", text);
}

/* [N], () and * bind in that order: a pointer to one of the first two needs parentheses. */
static void put_parentheses(char *declarator)
{
    if (declarator[0] != '*')
        return;
    put_before(declarator, "(");
    put_after(declarator, ")");
}

static void put_declaration(struct text *text, struct tg_type type, const char *name);

static void add_arguments(const struct tg_type_info *info, char *declarator)
{
    struct tg_walk_budget budget = {64};
    Dwarf_Die die, child;
    const char *separator = "(";
    if (info->program != NULL && dwarf_offdie(info->program->dwarf, info->die, &die) != NULL &&
        tg_die_child(&die, &budget, &child)) {
        do {
            char name[64] = "";
            struct text text = {name, sizeof name, 0, true};
            if (dwarf_tag(&child) != DW_TAG_formal_parameter)
                continue;
            put_declaration(&text, tg_type_of_attribute(info->program, &child), "");
            put_after(declarator, separator);
            put_after(declarator, name);
            separator = ", ";
        } while (tg_die_sibling(&child, &budget));
    }
    put_after(declarator, separator[0] == '(' ? (info->program != NULL ? "(void)" : "()") : ")");
}

static void put_name(struct text *text, const struct tg_type_info *info)
{
    static const char *const words[] = {
        [TG_TYPE_STRUCT] = "struct ", [TG_TYPE_UNION] = "union ", [TG_TYPE_ENUM] = "enum "};
    const char *word =
        info->kind == TG_TYPE_STRUCT || info->kind == TG_TYPE_UNION || info->kind == TG_TYPE_ENUM
            ? words[info->kind]
            : "";
    put(text, "%s%s", word,
        info->name != NULL ? info->name
        : word[0] != '\0'  ? "{...}"
                           : "<unknown type>");
}

/* A type with a name (or none) declared to have it. */
static void put_declaration(struct text *text, struct tg_type type, const char *name)
{
    char declarator[MAX_DECLARATOR];
    snprintf(declarator, sizeof declarator, "%s", name);
    for (unsigned i = 0; i < TG_TYPE_STEPS; i++) {
        enum tg_type_kind kind = tg_type_kind(type);
        if (kind == TG_TYPE_POINTER) {
            put_before(declarator, "*");
        } else if (kind == TG_TYPE_ARRAY) {
            char count[16] = "[]";
            if (tg_type_count(type) != 0)
                snprintf(count, sizeof count, "[%u]", tg_type_count(type));
            put_parentheses(declarator);
            put_after(declarator, count);
        } else if (kind == TG_TYPE_FUNCTION && type.info->program != NULL) {
            put_parentheses(declarator);
            if (text->is_argument)
                put_after(declarator, "(...)");
            else
                add_arguments(type.info, declarator);
        } else if (kind == TG_TYPE_QUALIFIED) {
            struct tg_type target = tg_type_target(type);
            if (target.pointers != 0) {
                char word[32];
                snprintf(word, sizeof word, " %s%s", qualifiers[type.info->qualifier],
                         declarator[0] != '\0' ? " " : "");
                put_before(declarator, word);
            } else {
                put(text, "%s ", qualifiers[type.info->qualifier]);
            }
        } else {
            break;
        }
        type = tg_type_target(type);
    }
    if (type.info != NULL)
        put_name(text, type.info);
    if (declarator[0] != '\0')
        put(text, "%s%s", declarator[0] == ' ' || declarator[0] == '[' ? "" : " ", declarator);
}

const char *tg_type_name(struct tg_type type, char *buf, size_t size)
{
    struct text text = {buf, size, 0, false};
    buf[0] = '\0';
    put_declaration(&text, type, "");
    return buf;
}

static void describe_members(struct text *text, struct tg_type type)
{
    struct tg_member member;
    for (size_t i = 0; tg_type_member(type, i, &member) && text->used + 1 < text->size; i++) {
        put(text, "    ");
        put_declaration(text, member.type, member.name != NULL ? member.name : "");
        if (member.bit_size != 0)
            put(text, " : %u", member.bit_size);
        put(text, "; /* %u */\n", member.offset);
    }
}

void tg_type_describe(struct tg_type type, char *buf, size_t size)
{
    struct text text = {buf, size, 0, false};
    struct tg_type plain = tg_type_plain(type);
    enum tg_type_kind kind = tg_type_kind(plain);
    buf[0] = '\0';
    if (kind != TG_TYPE_STRUCT && kind != TG_TYPE_UNION && kind != TG_TYPE_ENUM) {
        put_declaration(&text, tg_type_kind(type) == TG_TYPE_TYPEDEF ? plain : type, "");
        put(&text, "\n");
        return;
    }
    put_name(&text, plain.info);
    put(&text, " {\n");
    const struct tg_type_info *info = tg_type_with_members(plain.info);
    for (size_t i = 0; i < info->enumerator_count && text.used + 1 < text.size; i++)
        put(&text, "    %s = %lld,\n", info->enumerators[i].name,
            (long long)info->enumerators[i].value);
    describe_members(&text, plain);
    put(&text, "} /* %u bytes */\n", info->size);
}
