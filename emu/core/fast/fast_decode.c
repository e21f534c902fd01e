/*
 * Words of RAM into entries: decoding in advance of everything that can be reached within a page,
 * run lengths, charges of branches, groups; and forgetting them when the words change. The scheme
 * is explained in fast.h.
 */
#include <stdlib.h>

#include "core/fast/fast.h"
#include "core/points.h"
#include "core/ram.h"

/* Pages that are made at once, so that running never fails for want of memory. */
#define PAGES_AT_LEAST 4
/* About 32 MiB in all. */
#define PAGES_AT_MOST 1800

/* --- Groups -------------------------------------------------------------------------------- */

/* What hands a value from one operation to the next: fast_fuse.def. */
enum link { LINK_N, LINK_F, LINK_D, LINK_G, LINK_S };

struct group {
    uint16_t length;
    uint16_t op[FAST_GROUP_MAX];
    uint8_t link[FAST_GROUP_MAX]; /* to the operation before */
};

static const struct group groups[] = {
#define FAST_GROUP2(a, l, b)       {2, {FAST_##a, FAST_##b}, {0, LINK_##l}},
#define FAST_GROUP3(a, l, b, m, c) {3, {FAST_##a, FAST_##b, FAST_##c}, {0, LINK_##l, LINK_##m}},
#define FAST_GROUP4(a, l, b, m, c, n, d)                                                           \
    {4, {FAST_##a, FAST_##b, FAST_##c, FAST_##d}, {0, LINK_##l, LINK_##m, LINK_##n}},
#include "core/fast/fast_fuse.def"
};

#define GROUP_COUNT (FAST_OP_COUNT - FAST_SINGLES)

/* A counting sort of groups by first operation, the longer ones first. */
static void init_groups(struct fast *fast)
{
    uint32_t next = 0;

    for (uint32_t op = 0; op < FAST_SINGLES; op++) {
        fast->group_first[op] = (uint16_t)next;
        for (uint32_t length = FAST_GROUP_MAX; length >= 2; length--)
            for (uint32_t i = 0; i < GROUP_COUNT; i++)
                if (groups[i].op[0] == op && groups[i].length == length)
                    fast->groups[next++] = (uint16_t)i;
    }
    fast->group_first[FAST_SINGLES] = (uint16_t)next;
}

/* How the operation at e, of an effect, can take the value of the one before it, which writes
 * register rd. */
static enum link find_link(const struct fast_entry *e, enum tg_effect effect, bool has_rb,
                           uint8_t rd)
{
    switch (effect) {
    case TG_EFFECT_ALU:
        if (e->ra != rd)
            return LINK_N;
        return e->rd == rd && !(has_rb && e->rb == rd) ? LINK_D : LINK_F;
    case TG_EFFECT_LOAD:
        return e->ra != rd ? LINK_N : e->rd == rd ? LINK_D : LINK_F;
    case TG_EFFECT_STORE:
        return e->ra == rd ? LINK_F : e->rd == rd ? LINK_G : LINK_N;
    case TG_EFFECT_BRANCH:
        return e->rd == rd ? LINK_F : LINK_N;
    case TG_EFFECT_JUMP:
        return e->ra == rd ? LINK_F : LINK_N;
    default:
        return LINK_N;
    }
}

/* The instruction of the manual behind an operation that is not a group. */
static const struct tg_insn_info *info_of(uint32_t op)
{
    switch (op) {
    case FAST_LI:
        return tg_insn_info(TG_INSN_LUI); /* either of the two: no operand */
    case FAST_MV:
        return tg_insn_info(TG_INSN_ADDI);
    case FAST_JR:
        return tg_insn_info(TG_INSN_JALR);
    default:
        return op < FAST_INSNS_END ? tg_insn_info((enum tg_insn_id)op) : NULL;
    }
}

static bool writes_register(const struct tg_insn_info *info)
{
    return info && (info->effect == TG_EFFECT_ALU || info->effect == TG_EFFECT_LOAD);
}

static bool accesses_memory(const struct tg_insn_info *info)
{
    return info && (info->effect == TG_EFFECT_LOAD || info->effect == TG_EFFECT_STORE);
}

/* The link of entry index to the one before it. */
static enum link link_of(const struct fast_page *page, uint32_t index)
{
    const struct tg_insn_info *info = info_of(page->op[index]);
    const struct tg_insn_info *before = info_of(page->op[index - 1]);
    const struct fast_entry *e = &page->entries[index];
    bool is_changed = writes_register(before) && e[-1].rd == e[-1].ra;

    if (accesses_memory(info) && accesses_memory(before) && e->ra == e[-1].ra && !is_changed)
        return LINK_S;
    if (!info || !writes_register(before))
        return LINK_N;
    if (page->op[index] == FAST_LI || page->op[index] == FAST_AUIPC)
        return LINK_N;
    return find_link(e, info->effect, info->format == TG_FORMAT_R, e[-1].rd);
}

static bool link_fits(enum link wanted, enum link found)
{
    return wanted == LINK_N || wanted == found || (wanted == LINK_F && found == LINK_D);
}

static bool group_fits(const struct group *group, const struct fast_page *page, uint32_t index)
{
    if (index + group->length > FAST_PAGE_WORDS)
        return false;
    for (uint32_t i = 1; i < group->length; i++)
        if (page->op[index + i] != group->op[i])
            return false;
    for (uint32_t i = 1; i < group->length; i++)
        if (group->link[i] != LINK_N && !link_fits(group->link[i], link_of(page, index + i)))
            return false;
    return true;
}

/* Whether a break may be at entry index. */
static bool may_break(const struct fast *fast, const struct fast_page *page, uint32_t index)
{
    uint32_t vaddr = page->vaddr + index * 4;

    return tg_points_break_offset(fast->machine, vaddr) &&
           (page->is_aliased || tg_points_is_break(fast->machine, vaddr));
}

/* The longest group that entry index may begin: it does not reach over a break. */
static uint32_t longest_group(const struct fast *fast, const struct fast_page *page, uint32_t index)
{
    uint32_t length = 1;

    if (fast->machine->points.break_count == 0)
        return FAST_GROUP_MAX;
    while (length < FAST_GROUP_MAX && index + length < FAST_PAGE_WORDS &&
           !may_break(fast, page, index + length))
        length++;
    return length;
}

/* The operation that entry index begins with when it is done alone. */
static uint32_t single_op(const struct fast *fast, const struct fast_page *page, uint32_t index)
{
    return may_break(fast, page, index) ? FAST_POINT : page->op[index];
}

/* The operation that entry index begins: a group or its own. */
static uint32_t choose_group(const struct fast *fast, const struct fast_page *page, uint32_t index)
{
    uint32_t op = single_op(fast, page, index);
    uint32_t longest = longest_group(fast, page, index);

    for (uint32_t i = fast->group_first[op]; i < fast->group_first[op + 1]; i++)
        if (groups[fast->groups[i]].length <= longest &&
            group_fits(&groups[fast->groups[i]], page, index))
            return FAST_SINGLES + fast->groups[i];
    return op;
}

/* Links go to ra (of a branch: rd). Where the order of the operands makes no difference, they are
 * put into the one that makes a link to the entry before. */
static void order_operands(struct fast_page *page, uint32_t index)
{
    struct fast_entry *e = &page->entries[index];
    uint8_t rd = page->entries[index - 1].rd;
    uint8_t other = e->ra;

    switch (page->op[index]) {
    case FAST_ADD:
    case FAST_XOR:
    case FAST_OR:
    case FAST_AND:
    case FAST_MUL:
        if (e->rb == rd && e->ra != rd) {
            e->ra = rd;
            e->rb = other;
        }
        break;
    case FAST_BEQ:
    case FAST_BNE:
        if (e->ra == rd && e->rd != rd) {
            e->ra = e->rd;
            e->rd = other;
        }
        break;
    default:
        break;
    }
}

/* --- Pages --------------------------------------------------------------------------------- */

static bool is_decoded(const struct fast_page *page, uint32_t index)
{
    return page->is_decoded[index / 32] >> (index % 32) & 1;
}

static void clear_entry(const struct fast *fast, struct fast_page *page, uint32_t index)
{
    page->entries[index] = (struct fast_entry){.code = fast->code[FAST_DECODE]};
    page->op[index] = FAST_DECODE;
}

static void clear_page(const struct fast *fast, struct fast_page *page)
{
    for (uint32_t i = 0; i < FAST_PAGE_WORDS; i++)
        clear_entry(fast, page, i);
    page->entries[FAST_PAGE_WORDS] = (struct fast_entry){.code = fast->code[FAST_NEXT_PAGE]};
    page->op[FAST_PAGE_WORDS] = FAST_NEXT_PAGE;
    memset(page->is_decoded, 0, sizeof page->is_decoded);
}

/* A page more; false: the limit or the end of memory. */
static bool make_page(struct fast *fast)
{
    struct fast_page *page;

    if (fast->made_count == fast->made_limit)
        return false;
    page = malloc(sizeof *page);
    if (!page)
        return false;
    fast->made[fast->made_count++] = page;
    return true;
}

bool tg_fast_init_decoder(struct fast *fast)
{
    init_groups(fast);
    fast->made_limit = fast->page_count < PAGES_AT_MOST ? fast->page_count : PAGES_AT_MOST;
    fast->made = calloc(fast->made_limit, sizeof(struct fast_page *));
    fast->pages = calloc(fast->page_count, sizeof(struct fast_page *));
    if (!fast->made || !fast->pages)
        return false;
    while (fast->made_count < PAGES_AT_LEAST)
        if (!make_page(fast))
            return false;
    return true;
}

void tg_fast_finish_decoder(struct fast *fast)
{
    for (uint32_t i = 0; i < fast->made_count; i++)
        free(fast->made[i]);
    free(fast->made);
    free(fast->pages);
}

void tg_fast_forget_pages(struct fast *fast)
{
    for (uint32_t i = 0; i < fast->cpu_count; i++) {
        fast->cpus[i].stop = NULL;
        tg_fast_clear_fetches(&fast->cpus[i]);
    }
    for (uint32_t i = 0; i < fast->used_count; i++) {
        uint32_t number = fast->made[i]->number;

        fast->pages[number] = NULL;
        fast->machine->ram.page_flags[number] &= (uint8_t)~TG_PAGE_HAS_CODE;
    }
    fast->used_count = 0;
}

struct fast_page *tg_fast_page(struct fast *fast, uint32_t number)
{
    struct fast_page *page = fast->pages[number];

    if (page)
        return page;
    /* Rare enough that forgetting everything is better than keeping track of what was used last. */
    if (fast->used_count == fast->made_count && !make_page(fast))
        tg_fast_forget_pages(fast);
    page = fast->made[fast->used_count++];
    page->number = number;
    page->vaddr = FAST_NO_TAG;
    page->is_aliased = false;
    clear_page(fast, page);
    fast->pages[number] = page;
    return page;
}

/* --- Stop entries -------------------------------------------------------------------------- */

void tg_fast_set_stop(struct fast_cpu *f, struct fast_entry *e)
{
    struct fast_page *page = f->page;
    uint32_t index = (uint32_t)(e - page->entries);

    tg_fast_clear_stop(f);
    f->stop = e;
    f->stopped_count = 0;
    /* Groups that reach over the stop are taken apart. */
    for (uint32_t k = 0; k < FAST_GROUP_MAX && k <= index; k++) {
        f->stopped_code[k] = e[-(ptrdiff_t)k].code;
        e[-(ptrdiff_t)k].code =
            f->fast->code[k == 0 ? FAST_STOP : single_op(f->fast, page, index - k)];
        f->stopped_count++;
    }
}

void tg_fast_clear_stop(struct fast_cpu *f)
{
    if (!f->stop)
        return;
    for (uint32_t k = 0; k < f->stopped_count; k++)
        f->stop[-(ptrdiff_t)k].code = f->stopped_code[k];
    f->stop = NULL;
}

/* --- Forgetting ---------------------------------------------------------------------------- */

/* The whole page: other entries' run lengths and charges count the words that change. */
static void forget_page(struct fast *fast, struct fast_page *page)
{
    for (uint32_t i = 0; i < fast->cpu_count; i++) {
        struct fast_entry *stop = fast->cpus[i].stop;

        if (stop && stop >= page->entries && stop <= page->entries + FAST_PAGE_WORDS)
            fast->cpus[i].stop = NULL;
    }
    for (uint32_t i = 0; i < FAST_PAGE_WORDS; i++) {
        if (i % 32 == 0 && page->is_decoded[i / 32] == 0)
            i += 31; /* and 1 more by the loop */
        else if (is_decoded(page, i))
            clear_entry(fast, page, i);
    }
    memset(page->is_decoded, 0, sizeof page->is_decoded);
    fast->machine->ram.page_flags[page->number] &= (uint8_t)~TG_PAGE_HAS_CODE;
}

void tg_fast_reach_page(struct fast *fast, struct fast_page *page, uint32_t vaddr)
{
    if (page->vaddr == FAST_NO_TAG)
        page->vaddr = vaddr;
    if (page->vaddr == vaddr || page->is_aliased)
        return;
    page->is_aliased = true;
    if (fast->machine->points.break_count)
        forget_page(fast, page); /* it was decoded for the breaks of one virtual page */
}

void tg_fast_forget_words(struct fast *fast, uint32_t paddr, uint32_t bytes)
{
    struct fast_page *page = fast->pages[paddr >> TG_PAGE_SHIFT];
    uint32_t first = (paddr & (TG_PAGE_BYTES - 1)) / 4;
    uint32_t last = ((paddr & (TG_PAGE_BYTES - 1)) + bytes - 1) / 4;

    if (bytes == 0)
        return;
    if (!page) { /* flagged by an engine that is gone */
        fast->machine->ram.page_flags[paddr >> TG_PAGE_SHIFT] &= (uint8_t)~TG_PAGE_HAS_CODE;
        return;
    }
    for (uint32_t i = first; i <= last && i < FAST_PAGE_WORDS; i++)
        if (is_decoded(page, i)) {
            forget_page(fast, page);
            return;
        }
}

/* --- Decoding ------------------------------------------------------------------------------ */

/* Work to do in a page: where to begin, and what was decoded so far. Each word enters either list
 * at most once for each branch to it plus once for itself, and a branch is decoded once. */
struct decoding {
    struct fast *fast;
    struct fast_page *page;
    uint16_t starts[FAST_PAGE_WORDS + 1];
    uint32_t start_count;
    uint16_t done[FAST_PAGE_WORDS];
    uint32_t done_count;
};

/* Whether execution never just goes on behind an instruction. */
static bool ends_run(enum fast_op op)
{
    switch (op) {
    case FAST_ILLEGAL:
    case FAST_TRAP:
    case FAST_IRET:
    case FAST_BRK:
    case FAST_J:
    case FAST_JR:
    case FAST_JAL:
    case FAST_JALR:
    case FAST_JAL_FAR:
        return true;
    default:
        return false;
    }
}

static enum fast_op far_op(enum tg_insn_id id)
{
    switch (id) {
    case TG_INSN_BEQ:
        return FAST_BEQ_FAR;
    case TG_INSN_BNE:
        return FAST_BNE_FAR;
    case TG_INSN_BLT:
        return FAST_BLT_FAR;
    case TG_INSN_BGE:
        return FAST_BGE_FAR;
    case TG_INSN_BLTU:
        return FAST_BLTU_FAR;
    case TG_INSN_BGEU:
        return FAST_BGEU_FAR;
    default:
        return FAST_JAL_FAR;
    }
}

/* Whether the instruction is a branch or jal with a target in the page, and which word that is. */
static bool has_near_target(const struct tg_insn *insn, uint32_t index, uint32_t *ret_target)
{
    int32_t target = (int32_t)index + insn->imm / 4;

    if (target < 0 || target >= (int32_t)FAST_PAGE_WORDS)
        return false;
    *ret_target = (uint32_t)target;
    return true;
}

static enum fast_op simplify(const struct tg_insn *insn)
{
    switch (insn->id) {
    case TG_INSN_LUI:
        return FAST_LI;
    case TG_INSN_ADDI:
        return insn->ra == 0 ? FAST_LI : insn->imm == 0 ? FAST_MV : FAST_ADDI;
    case TG_INSN_JALR:
        return insn->rd == 0 ? FAST_JR : FAST_JALR;
    default:
        return (enum fast_op)insn->id;
    }
}

static enum fast_op decode_transfer(struct decoding *d, const struct tg_insn *insn, uint32_t index,
                                    struct fast_entry *e)
{
    uint32_t target;

    if (!has_near_target(insn, index, &target))
        return far_op(insn->id);
    e->branch.jump = (int16_t)(((int32_t)target - (int32_t)index) * (int32_t)sizeof *e);
    if (!is_decoded(d->page, target))
        d->starts[d->start_count++] = (uint16_t)target;
    return insn->id == TG_INSN_JAL && insn->rd == 0 ? FAST_J : (enum fast_op)insn->id;
}

static void decode_word(struct decoding *d, uint32_t index)
{
    uint32_t paddr = d->page->number * TG_PAGE_BYTES + index * 4;
    struct tg_insn insn = tg_decode(fast_ram_word(d->fast, paddr));
    const struct tg_insn_info *info = tg_insn_info(insn.id);
    enum tg_effect effect = info ? info->effect : TG_EFFECT_SYSTEM;
    struct fast_entry *e = &d->page->entries[index];
    bool writes_rd =
        effect != TG_EFFECT_STORE && effect != TG_EFFECT_BRANCH && effect != TG_EFFECT_PORT_OUT;
    enum fast_op op;

    e->rd = writes_rd && insn.rd == 0 ? FAST_NOWHERE : insn.rd;
    e->ra = insn.ra;
    e->imm = insn.imm;
    if (info && (info->format == TG_FORMAT_R || info->format == TG_FORMAT_A))
        e->rb = insn.rb;
    if (effect == TG_EFFECT_BRANCH || insn.id == TG_INSN_JAL)
        op = decode_transfer(d, &insn, index, e);
    else
        op = simplify(&insn);
    d->page->op[index] = (uint16_t)op;
    d->page->is_decoded[index / 32] |= UINT32_C(1) << (index % 32);
    d->done[d->done_count++] = (uint16_t)index;
}

/* Decodes from start to the end of the run, or to where it runs into what is decoded; then counts
 * backwards. */
static void decode_run(struct decoding *d, uint32_t start)
{
    struct fast_page *page = d->page;
    uint32_t end = start;
    uint32_t run;
    bool is_closed = false;

    while (end < FAST_PAGE_WORDS && !is_decoded(page, end) && !is_closed) {
        decode_word(d, end);
        is_closed = ends_run(page->op[end++]);
    }
    run = is_closed ? 0 : page->entries[end].run; /* the entry behind the page's last has 0 */
    while (end > start)
        page->entries[--end].run = (uint16_t)++run;
}

/* What needs the run lengths of all that was decoded. */
static void finish_entry(const struct fast *fast, struct fast_page *page, uint32_t index)
{
    struct fast_entry *e = &page->entries[index];

    switch (page->op[index]) {
    case FAST_BEQ:
    case FAST_BNE:
    case FAST_BLT:
    case FAST_BGE:
    case FAST_BLTU:
    case FAST_BGEU:
    case FAST_JAL:
    case FAST_J: {
        int32_t target_run = e[e->branch.jump / (int32_t)sizeof *e].run;

        e->branch.charge = (int16_t)(e->run - 1 - target_run);
        break;
    }
    default:
        break;
    }
    e->code = fast->code[choose_group(fast, page, index)];
}

void tg_fast_decode(struct fast *fast, struct fast_page *page, uint32_t index)
{
    struct decoding d;

    /* Flagged first, so that no store goes by unseen from now on. */
    if (!(fast->machine->ram.page_flags[page->number] & TG_PAGE_HAS_CODE))
        tg_ram_flag(fast->machine, page->number, TG_PAGE_HAS_CODE);
    d.fast = fast;
    d.page = page;
    d.done_count = 0;
    d.start_count = 1;
    d.starts[0] = (uint16_t)index;
    while (d.start_count > 0)
        decode_run(&d, d.starts[--d.start_count]);
    for (uint32_t i = 0; i < d.done_count; i++)
        if (d.done[i] + 1u < FAST_PAGE_WORDS && writes_register(info_of(page->op[d.done[i]])))
            order_operands(page, d.done[i] + 1u);
    for (uint32_t i = 0; i < d.done_count; i++)
        finish_entry(fast, page, d.done[i]);
}
