/* See feed.h. */
#include "feed.h"

#include <stdio.h>
#include <string.h>

static int machine_type(void *machine, const char *text, size_t length)
{
    return tg_machine_type(machine, text, length);
}

static int machine_input(void *machine, struct tg_input input)
{
    return tg_machine_input(machine, input);
}

void feed_begin(struct feed *feed, const struct setup *setup, struct tg_machine *machine)
{
    *feed = (struct feed){setup, machine, machine_type, machine_input, 0, SETUP_SERIAL_BYTES};
}

bool feed_has_more(const struct feed *feed)
{
    return feed->keys_used < feed->setup->key_text.size || feed->serial_used < feed->setup->serial_bytes.size;
}

/* Types the next line of --keys, or as much of it as the keyboard's queue can take. */
static void type_line(struct feed *feed)
{
    const struct file_bytes *text = &feed->setup->key_text;
    if (feed->keys_used >= text->size)
        return;
    const char *line = (const char *)text->bytes + feed->keys_used;
    size_t left = text->size - feed->keys_used;
    const char *newline = memchr(line, '\n', left);
    size_t length = newline != NULL ? (size_t)(newline - line) + 1 : left;
    if (length > SETUP_KEYS) {
        length = SETUP_KEYS;
        newline = NULL;
    }
    feed->keys_used += length;
    if (feed->type(feed->context, line, length) != TG_OK)
        fprintf(stderr, "tollgate: --keys: a character in \"%.*s\" is on no key; the line is left out\n",
                (int)(length - (newline != NULL)), line);
}

/* Gives as much more of --serial-input as the console's queue can take. */
static void serial_receive(struct feed *feed)
{
    const struct file_bytes *bytes = &feed->setup->serial_bytes;
    size_t end = feed->serial_used + SETUP_SERIAL_BYTES;
    for (; feed->serial_used < bytes->size && feed->serial_used < end; feed->serial_used++)
        feed->input(feed->context, (struct tg_input){TG_INPUT_SERIAL, bytes->bytes[feed->serial_used]});
}

void feed_give(struct feed *feed)
{
    if (feed->serial_used < feed->setup->serial_bytes.size)
        serial_receive(feed);
    else
        type_line(feed);
}
