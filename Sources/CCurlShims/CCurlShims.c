#include "CCurlShims.h"

#include <curl/curl.h>

_Static_assert(sekisho_get_reason_size >= CURL_ERROR_SIZE, "libcurl writes so many octets");

void sekisho_get_prepare(void) { curl_global_init(CURL_GLOBAL_DEFAULT); }

struct handler {
    sekisho_octets_handler handle;
    void *context;
};

static size_t forward(char *octets, size_t size, size_t count, void *handler) {
    const struct handler *to = handler;
    return to->handle(octets, size * count, to->context);
}

static enum sekisho_get_outcome outcome_of(CURLcode code) {
    switch (code) {
    case CURLE_OK: return sekisho_get_done;
    case CURLE_COULDNT_RESOLVE_HOST: return sekisho_get_no_host;
    case CURLE_COULDNT_CONNECT: return sekisho_get_no_connection;
    case CURLE_OPERATION_TIMEDOUT: return sekisho_get_timed_out;
    case CURLE_TOO_MANY_REDIRECTS: return sekisho_get_too_many_redirections;
    case CURLE_WRITE_ERROR: return sekisho_get_ended_by_handler;
    default: return sekisho_get_failed;
    }
}

enum sekisho_get_outcome sekisho_get_run(
    const struct sekisho_get *request, long *status, char reason[sekisho_get_reason_size]) {
    reason[0] = 0;
    *status = 0;
    CURL *curl = curl_easy_init();
    if (curl == NULL) return sekisho_get_failed;
    struct curl_slist *headers = NULL;
    for (const char *const *header = request->headers; *header != NULL; header++)
        headers = curl_slist_append(headers, *header);
    struct handler header = {request->on_header_line, request->context}, body = {request->on_body, request->context};
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_URL, request->url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, request->redirect_protocols);
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, request->redirection_limit > 0 ? 1L : 0L);
    curl_easy_setopt(curl, CURLOPT_MAXREDIRS, request->redirection_limit);
    curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, request->total_seconds);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, request->idle_seconds);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, request->idle_seconds);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, forward);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &header);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, forward);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
    if (request->method != NULL) {
        curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_octets);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body_octets > 0 ? request->body : "");
    }
    CURLcode code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, status);
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    return outcome_of(code);
}
