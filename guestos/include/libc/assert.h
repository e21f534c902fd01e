/* Checks of a program's own logic. */
#undef assert
#ifdef NDEBUG
#define assert(condition) ((void)0)
#else
#define assert(condition) ((condition) ? (void)0 : assert_failed(#condition, __FILE__, __LINE__))
#endif

#ifndef LIBC_ASSERT_H
#define LIBC_ASSERT_H
#define static_assert _Static_assert
_Noreturn void assert_failed(const char *condition, const char *file, int line);
#endif
