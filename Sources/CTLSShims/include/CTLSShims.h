/*
 * CTLSShims: the client's side of TLS, by OpenSSL 3, between two buffers in memory.
 *
 * Half of what it takes are macros (SSL_CTX_set_min_proto_version, SSL_set_tlsext_host_name, sk_GENERAL_NAME_num), which
 * Swift can't call, and the callbacks get at what they belong to by casts. No socket, no clock and no policy here but
 * what RFC 8310 §5 and RFC 9325 ask of everybody: TLS 1.2 at least, no renegotiation, the certificate is verified, always.
 */
#ifndef SEKISHO_TLS_SHIMS_H
#define SEKISHO_TLS_SHIMS_H

#include <stddef.h>

/* What connections to one server have in common: whom they trust, and the session to resume. One thread at a time. */
typedef struct sekisho_tls_context sekisho_tls_context;

/* One connection. It must not outlive its context. */
typedef struct sekisho_tls sekisho_tls;

/* How many certificates a PEM file has; -1 when one of them can't be read. */
int sekisho_tls_certificate_count(const char *pem, size_t octets);

/* Trusts the authorities of a PEM file, or the system's where `pem` is NULL. NULL when that can't be. */
sekisho_tls_context *sekisho_tls_context_new(const char *pem, size_t octets);
void sekisho_tls_context_free(sekisho_tls_context *context);

/*
 * A connection to the server whose certificate has `host_name` or, without one, `address`. It resumes the session that the
 * last connection left, if there is one. NULL when there is no memory.
 */
sekisho_tls *sekisho_tls_new(sekisho_tls_context *context, const char *host_name, const char *address);
void sekisho_tls_free(sekisho_tls *tls);

enum sekisho_tls_outcome {
    sekisho_tls_done,
    sekisho_tls_wants_more, /* octets of the peer */
    sekisho_tls_closed, /* the peer has said that nothing more comes */
    sekisho_tls_failed /* `sekisho_tls_reason` says why */
};

/* Takes a step of the handshake. */
enum sekisho_tls_outcome sekisho_tls_handshake(sekisho_tls *tls);

/* Takes what came from the peer; 0 when there is no memory. */
int sekisho_tls_receive(sekisho_tls *tls, const void *octets, size_t count);

/* Moves up to `capacity` octets of what the peer says to `octets`; `count` of them when it is done. */
enum sekisho_tls_outcome sekisho_tls_read(sekisho_tls *tls, void *octets, size_t capacity, size_t *count);

/* Says this to the peer. To be called after the handshake. */
enum sekisho_tls_outcome sekisho_tls_write(sekisho_tls *tls, const void *octets, size_t count);

/* Says that nothing more comes. The session can be resumed then. */
void sekisho_tls_shut_down(sekisho_tls *tls);

/* Octets that are to go to the peer; `sekisho_tls_take` moves up to `capacity` of them to `octets`. */
size_t sekisho_tls_pending(const sekisho_tls *tls);
size_t sekisho_tls_take(sekisho_tls *tls, void *octets, size_t capacity);

/* Why it failed, in printable ASCII. Valid as long as the connection. */
const char *sekisho_tls_reason(const sekisho_tls *tls);

#endif
