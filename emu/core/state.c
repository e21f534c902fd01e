/*
 * The field tables of the state that core/state.h lists: one row a field, made by the same lists as
 * the structs. Nothing else belongs here. Device state is listed by the devices themselves.
 */
#include "core/state.h"

#define TG_FIELD_TAG tg_cpu_state
TG_STATE_FIELDS(tg_cpu_state, TG_CPU_STATE);
#undef TG_FIELD_TAG

#define TG_FIELD_TAG tg_count_state
TG_STATE_FIELDS(tg_count_state, TG_COUNT_STATE);
#undef TG_FIELD_TAG

#define TG_FIELD_TAG tg_clock_state
TG_STATE_FIELDS(tg_clock_state, TG_CLOCK_STATE);
#undef TG_FIELD_TAG

#define TG_FIELD_TAG tg_end_state
TG_STATE_FIELDS(tg_end_state, TG_END_STATE);
#undef TG_FIELD_TAG
