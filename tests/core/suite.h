/*
 * A test program's main: runs the tests of a table, each once for every engine of the library (its
 * name is engine()).
 */
#ifndef TG_TESTS_SUITE_H
#define TG_TESTS_SUITE_H

#include <check.h>
#include <stdlib.h>

#include "tollgate.h"

/* In a test: the engine that it is for. */
#define ENGINE tg_engine_name((unsigned)_i, NULL)

static inline int run_suite(const char *name, const TTest *const *tests, size_t count)
{
    int engines = 0;
    while (tg_engine_name((unsigned)engines, NULL))
        engines++;
    Suite *suite = suite_create(name);
    TCase *cases = tcase_create(name);
    tcase_set_timeout(cases, 0); /* meson's timeout counts: it knows of slow builds */
    for (size_t i = 0; i < count; i++)
        tcase_add_loop_test(cases, tests[i], 0, engines);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#define SUITE_MAIN(name, ...)                                                                      \
    int main(void)                                                                                 \
    {                                                                                              \
        const TTest *const tests[] = {__VA_ARGS__};                                                \
        return run_suite(name, tests, sizeof tests / sizeof tests[0]);                             \
    }

#endif
