/*
 * Html: --html, one self-contained page: page.html with the object of --json in it.
 *
 * Threads: main.
 */
#include <stdio.h>
#include <string.h>

#include "tools/trace/trace.h"

#pragma clang diagnostic ignored "-Wc23-extensions"
static const char page[] = {
#embed "page.html"
    , '\0'};

void report_html(const Report *r)
{
    static const char marker[] = "\nDATA\n";
    const char *at = strstr(page, marker);
    if (at == NULL) {
        return; /* not so: the tests look at the page */
    }
    fwrite(page, 1, (size_t)(at + 1 - page), r->out);
    report_json(r, true);
    fputs(at + sizeof marker - 1, r->out);
}
