/*
 * CCurlShims: one request through libcurl, a GET or one that sends a body. curl_easy_setopt(3) takes its value as a
 * variable argument, which Swift can't pass. No policy here: bounds, headers and what is done with octets are the
 * caller's.
 * It can go when Swift can call variadic C functions, or when URLSession lets its caller slow a server down
 * (Docs/Decisions/0011-http-through-libcurl.md).
 */
#ifndef SEKISHO_CURL_SHIMS_H
#define SEKISHO_CURL_SHIMS_H

#include <stddef.h>

/* Takes octets as they come; whatever it returns but `count` ends the transfer. */
typedef size_t (*sekisho_octets_handler)(const char *octets, size_t count, void *context);

struct sekisho_get {
    const char *url;
    const char *const *headers; /* "Name: value", ended by NULL */
    const char *method; /* NULL: GET; otherwise the body is sent */
    const void *body;
    size_t body_octets;
    const char *redirect_protocols; /* such as "http,https" */
    long redirection_limit; /* 0: a redirection is the answer */
    long total_seconds;
    long idle_seconds; /* less than an octet a second for so long ends the transfer */
    sekisho_octets_handler on_header_line;
    sekisho_octets_handler on_body;
    void *context; /* for both handlers */
};

enum { sekisho_get_reason_size = 256 };

/* What went wrong, as far as the caller tells it apart. */
enum sekisho_get_outcome {
    sekisho_get_done,
    sekisho_get_no_host,
    sekisho_get_no_connection,
    sekisho_get_timed_out,
    sekisho_get_too_many_redirections,
    sekisho_get_ended_by_handler,
    sekisho_get_failed
};

/* Once, before the first transfer. */
void sekisho_get_prepare(void);

/*
 * Blocks until the answer is there or the transfer has failed. Any thread may call it; the handlers are called on that
 * one. `status` is that of the last answer, 0 without one; `reason` is libcurl's own, and may be empty.
 */
enum sekisho_get_outcome sekisho_get_run(
    const struct sekisho_get *request, long *status, char reason[sekisho_get_reason_size]);

#endif
