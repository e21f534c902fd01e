/*
 * vm: compiles a small program (recursive descent, one pass, to stack code) and interprets the
 * code. The interpreter's one indirect branch is what most of the time goes into. size: the limit
 * the small program counts to, in hundreds.
 *
 * The language: variables a..z; assignment `x = e;`; `while e { ... }`; `if e { ... }`; operators
 * in falling order of strength (multiply, divide, remainder), (add, subtract), (less, equal), the
 * last written `=`; parentheses. Every value is an unsigned word.
 */
#include "bench/bench.h"

/* Primes (p) below the limit (l) by trial division, and the longest chain (m, from b) of "halve, or
 * 3n + 1". */
static const char source[] = "n = 2; p = 0;"
                             "while n < l {"
                             "  d = 2; r = 1;"
                             "  while d * d < n + 1 {"
                             "    if n % d = 0 { r = 0; d = n; }"
                             "    d = d + 1;"
                             "  }"
                             "  p = p + r;"
                             "  n = n + 1;"
                             "}"
                             "n = 1; m = 0; b = 0;"
                             "while n < l {"
                             "  c = n; s = 0;"
                             "  while 1 < c {"
                             "    k = c % 2;"
                             "    if k = 0 { c = c / 2; }"
                             "    if k = 1 { c = 3 * c + 1; }"
                             "    s = s + 1;"
                             "  }"
                             "  if m < s { m = s; b = n; }"
                             "  n = n + 1;"
                             "}";

enum { CODE_MAX = 512, STACK_MAX = 32, VARIABLES = 26 };

enum operation {
    HALT,
    PUSH,  /* operand: the value */
    LOAD,  /* operand: the variable */
    STORE, /* operand: the variable */
    ADD,
    SUBTRACT,
    MULTIPLY,
    DIVIDE,
    REMAINDER,
    LESS,
    EQUAL,
    JUMP,       /* operand: where to */
    JUMP_IF_NOT /* operand: where to */
};

struct instruction {
    uint32_t operation;
    uint32_t operand;
};

struct compiler {
    const char *at;
    struct instruction *code;
    uint32_t used;
    uint32_t is_wrong;
};

static void compile_expression(struct compiler *compiler, uint32_t strength);

static uint32_t emit(struct compiler *compiler, enum operation operation, uint32_t operand)
{
    if (compiler->used == CODE_MAX) {
        compiler->is_wrong = 1;
        return 0;
    }
    compiler->code[compiler->used].operation = operation;
    compiler->code[compiler->used].operand = operand;
    return compiler->used++;
}

static char peek(struct compiler *compiler)
{
    while (*compiler->at == ' ')
        compiler->at++;
    return *compiler->at;
}

static void expect(struct compiler *compiler, char wanted)
{
    if (peek(compiler) == wanted)
        compiler->at++;
    else
        compiler->is_wrong = 1;
}

static void compile_operand(struct compiler *compiler)
{
    char first = peek(compiler);

    if (first >= '0' && first <= '9') {
        uint32_t value = 0;

        while (*compiler->at >= '0' && *compiler->at <= '9')
            value = value * 10 + (uint32_t)(*compiler->at++ - '0');
        emit(compiler, PUSH, value);
    } else if (first >= 'a' && first <= 'z') {
        compiler->at++;
        emit(compiler, LOAD, (uint32_t)(first - 'a'));
    } else {
        expect(compiler, '(');
        compile_expression(compiler, 0);
        expect(compiler, ')');
    }
}

static const struct {
    char sign;
    uint32_t strength;
    enum operation operation;
} operators[] = {{'=', 0, EQUAL},    {'<', 0, LESS},   {'+', 1, ADD},      {'-', 1, SUBTRACT},
                 {'*', 2, MULTIPLY}, {'/', 2, DIVIDE}, {'%', 2, REMAINDER}};

static void compile_expression(struct compiler *compiler, uint32_t strength)
{
    uint32_t i = 0;

    if (strength > 2) {
        compile_operand(compiler);
        return;
    }
    compile_expression(compiler, strength + 1);
    while (i < sizeof operators / sizeof operators[0]) {
        if (operators[i].strength != strength || operators[i].sign != peek(compiler)) {
            i++;
            continue;
        }
        compiler->at++;
        compile_expression(compiler, strength + 1);
        emit(compiler, operators[i].operation, 0);
        i = 0;
    }
}

/* Moves past the word if it comes next. */
static int take_word(struct compiler *compiler, const char *word)
{
    uint32_t length = 0;

    peek(compiler);
    for (; word[length]; length++) {
        if (compiler->at[length] != word[length])
            return 0;
    }
    compiler->at += length;
    return 1;
}

static void compile_statements(struct compiler *compiler)
{
    while (peek(compiler) && peek(compiler) != '}' && !compiler->is_wrong) {
        uint32_t start = compiler->used;
        int is_while = take_word(compiler, "while ");

        if (is_while || take_word(compiler, "if ")) {
            uint32_t skip;

            compile_expression(compiler, 0);
            skip = emit(compiler, JUMP_IF_NOT, 0);
            expect(compiler, '{');
            compile_statements(compiler);
            expect(compiler, '}');
            if (is_while)
                emit(compiler, JUMP, start);
            compiler->code[skip].operand = compiler->used;
        } else {
            uint32_t variable = (uint32_t)(peek(compiler) - 'a');

            if (variable >= VARIABLES) {
                compiler->is_wrong = 1;
                return;
            }
            compiler->at++;
            expect(compiler, '=');
            compile_expression(compiler, 0);
            expect(compiler, ';');
            emit(compiler, STORE, variable);
        }
    }
}

/* Returns how many instructions were executed. */
static uint32_t interpret(const struct instruction *code, uint32_t *variables)
{
    uint32_t stack[STACK_MAX], *top = stack, executed = 0;

    for (const struct instruction *next = code;;) {
        uint32_t operand = next->operand;

        executed++;
        switch (next++->operation) {
        case PUSH:
            *top++ = operand;
            break;
        case LOAD:
            *top++ = variables[operand];
            break;
        case STORE:
            variables[operand] = *--top;
            break;
        case ADD:
            top--;
            top[-1] += *top;
            break;
        case SUBTRACT:
            top--;
            top[-1] -= *top;
            break;
        case MULTIPLY:
            top--;
            top[-1] *= *top;
            break;
        case DIVIDE:
            top--;
            top[-1] = *top ? top[-1] / *top : 0;
            break;
        case REMAINDER:
            top--;
            top[-1] = *top ? top[-1] % *top : 0;
            break;
        case LESS:
            top--;
            top[-1] = top[-1] < *top;
            break;
        case EQUAL:
            top--;
            top[-1] = top[-1] == *top;
            break;
        case JUMP:
            next = code + operand;
            break;
        case JUMP_IF_NOT:
            if (!*--top)
                next = code + operand;
            break;
        default:
            return executed;
        }
    }
}

/* Runs the small program with a limit; the result is its variables. */
static uint32_t run(uint32_t limit, uint32_t *variables)
{
    static struct instruction code[CODE_MAX];
    struct compiler compiler = {source, code, 0, 0};

    compile_statements(&compiler);
    emit(&compiler, HALT, 0);
    if (compiler.is_wrong || *compiler.at)
        return 0;
    memset(variables, 0, VARIABLES * sizeof *variables);
    variables['l' - 'a'] = limit;
    return interpret(code, variables);
}

uint32_t bench_main(uint32_t size)
{
    uint32_t variables[VARIABLES], sum = BENCH_SUM;

    /* Below 100: 25 primes, and the longest chain starts at 97 and has 118 steps. */
    if (run(100, variables) == 0 || variables['p' - 'a'] != 25 || variables['m' - 'a'] != 118 ||
        variables['b' - 'a'] != 97)
        return BENCH_WRONG;
    sum = bench_add(sum, run(100 * size, variables));
    for (uint32_t i = 0; i < VARIABLES; i++)
        sum = bench_add(sum, variables[i]);
    return sum;
}
