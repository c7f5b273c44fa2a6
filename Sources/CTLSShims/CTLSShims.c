#include "CTLSShims.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

struct sekisho_tls_context {
    SSL_CTX *openssl;
    SSL_SESSION *session; /* what the last connection left */
};

struct sekisho_tls {
    SSL *openssl;
    BIO *incoming, *outgoing; /* owned by `openssl` */
    char expected[256]; /* the name or address that the certificate must have */
    char reason[512];
};

/* MARK: Reasons */

/* Appends text that the peer may have chosen: what is not printable becomes a question mark, what does not fit is cut. */
static void append(struct sekisho_tls *tls, const char *text, size_t count) {
    size_t end = strlen(tls->reason);
    for (size_t index = 0; index < count && end + 1 < sizeof tls->reason; index++)
        tls->reason[end++] = text[index] >= 0x20 && text[index] < 0x7F ? text[index] : '?';
    tls->reason[end] = 0;
}

static void append_text(struct sekisho_tls *tls, const char *text) { append(tls, text, strlen(text)); }

static void append_time(struct sekisho_tls *tls, const ASN1_TIME *time) {
    struct tm parts;
    char text[32] = "an unknown day";
    if (time != NULL && ASN1_TIME_to_tm(time, &parts)) strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &parts);
    append_text(tls, text);
}

static void append_name(struct sekisho_tls *tls, const GENERAL_NAME *name) {
    char text[INET6_ADDRSTRLEN] = "?";
    if (name->type == GEN_DNS) {
        const ASN1_IA5STRING *octets = name->d.dNSName;
        return append(tls, (const char *)ASN1_STRING_get0_data(octets), ASN1_STRING_length(octets));
    }
    const ASN1_OCTET_STRING *octets = name->d.iPAddress;
    inet_ntop(ASN1_STRING_length(octets) == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(octets), text, sizeof text);
    append_text(tls, text);
}

/* The names and addresses that the certificate is for, the first few of them. */
static void append_names(struct sekisho_tls *tls, X509 *certificate) {
    enum { most = 4 };
    int shown = 0;
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    for (int index = 0; index < sk_GENERAL_NAME_num(names) && shown <= most; index++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, index);
        int is_address = name->type == GEN_IPADD
            && (ASN1_STRING_length(name->d.iPAddress) == 4 || ASN1_STRING_length(name->d.iPAddress) == 16);
        if (name->type != GEN_DNS && !is_address) continue;
        if (shown > 0) append_text(tls, ", ");
        if (shown++ == most) append_text(tls, "and others");
        else append_name(tls, name);
    }
    if (shown == 0) append_text(tls, "no host");
    GENERAL_NAMES_free(names);
}

/* Notes what is wrong with a certificate, as OpenSSL finds it; it fails all the same. */
static int note_certificate(int is_good, X509_STORE_CTX *store) {
    if (is_good) return 1;
    SSL *openssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct sekisho_tls *tls = SSL_get_app_data(openssl);
    X509 *certificate = X509_STORE_CTX_get_current_cert(store);
    int error = X509_STORE_CTX_get_error(store);
    tls->reason[0] = 0;
    switch (error) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        append_text(tls, "its certificate is for ");
        append_names(tls, certificate);
        append_text(tls, ", not for ");
        append_text(tls, tls->expected);
        break;
    case X509_V_ERR_CERT_HAS_EXPIRED:
        append_text(tls, "its certificate has expired on ");
        append_time(tls, X509_get0_notAfter(certificate));
        break;
    case X509_V_ERR_CERT_NOT_YET_VALID:
        append_text(tls, "its certificate is not valid before ");
        append_time(tls, X509_get0_notBefore(certificate));
        break;
    default:
        append_text(tls, "its certificate is not trusted: ");
        append_text(tls, X509_verify_cert_error_string(error));
    }
    return 0;
}

/* Notes OpenSSL's own reason, unless there is a better one. */
static enum sekisho_tls_outcome fail(struct sekisho_tls *tls) {
    if (tls->reason[0] == 0) {
        const char *reason = ERR_reason_error_string(ERR_peek_error());
        append_text(tls, "TLS: ");
        append_text(tls, reason != NULL ? reason : "the connection is broken");
    }
    ERR_clear_error();
    return sekisho_tls_failed;
}

static enum sekisho_tls_outcome outcome_of(struct sekisho_tls *tls, int result) {
    if (result > 0) return sekisho_tls_done;
    switch (SSL_get_error(tls->openssl, result)) {
    case SSL_ERROR_WANT_READ: return sekisho_tls_wants_more;
    case SSL_ERROR_ZERO_RETURN: return sekisho_tls_closed;
    default: return fail(tls);
    }
}

/* MARK: Contexts */

/* Reads every certificate of a PEM file, into `store` unless that is NULL; -1 when one can't be read. */
static int read_certificates(const char *pem, size_t octets, X509_STORE *store) {
    ERR_clear_error();
    BIO *file = BIO_new_mem_buf(pem, (int)octets);
    if (file == NULL) return -1;
    int count = 0;
    X509 *certificate;
    while (count >= 0 && (certificate = PEM_read_bio_X509(file, NULL, NULL, "")) != NULL) {
        count = store == NULL || X509_STORE_add_cert(store, certificate) ? count + 1 : -1;
        X509_free(certificate);
    }
    /* The end of the file is an error too, and the one that is expected. */
    if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) count = -1;
    ERR_clear_error();
    BIO_free(file);
    return count;
}

int sekisho_tls_certificate_count(const char *pem, size_t octets) { return read_certificates(pem, octets, NULL); }

static void forget_session(struct sekisho_tls_context *context) {
    SSL_SESSION_free(context->session);
    context->session = NULL;
}

/* Keeps the newest session for the next connection; 1 means that it is ours now. */
static int keep_session(SSL *openssl, SSL_SESSION *session) {
    struct sekisho_tls_context *context = SSL_CTX_get_app_data(SSL_get_SSL_CTX(openssl));
    forget_session(context);
    context->session = session;
    return 1;
}

sekisho_tls_context *sekisho_tls_context_new(const char *pem, size_t octets) {
    ERR_clear_error();
    sekisho_tls_context *context = calloc(1, sizeof *context);
    if (context == NULL) return NULL;
    context->openssl = SSL_CTX_new(TLS_client_method());
    if (context->openssl == NULL) goto failed;
    if (!SSL_CTX_set_min_proto_version(context->openssl, TLS1_2_VERSION)) goto failed;
    if (pem == NULL) {
        if (!SSL_CTX_set_default_verify_paths(context->openssl)) goto failed;
    } else if (read_certificates(pem, octets, SSL_CTX_get_cert_store(context->openssl)) < 1) {
        goto failed;
    }
    SSL_CTX_set_options(context->openssl, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(context->openssl, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_verify(context->openssl, SSL_VERIFY_PEER, note_certificate);
    SSL_CTX_set_session_cache_mode(context->openssl, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context->openssl, keep_session);
    SSL_CTX_set_app_data(context->openssl, context);
    return context;
failed:
    ERR_clear_error();
    sekisho_tls_context_free(context);
    return NULL;
}

void sekisho_tls_context_free(sekisho_tls_context *context) {
    forget_session(context);
    SSL_CTX_free(context->openssl);
    free(context);
}

/* MARK: Connections */

static int expect_peer(struct sekisho_tls *tls, const char *host_name, const char *address) {
    snprintf(tls->expected, sizeof tls->expected, "%s", host_name != NULL ? host_name : address);
    if (host_name == NULL) return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls->openssl), address);
    /* Names count where RFC 6125 §6.4.4 has them, in subjectAltName; "*" stands for a whole label. */
    SSL_set_hostflags(tls->openssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    return SSL_set1_host(tls->openssl, host_name) && SSL_set_tlsext_host_name(tls->openssl, host_name);
}

sekisho_tls *sekisho_tls_new(sekisho_tls_context *context, const char *host_name, const char *address) {
    ERR_clear_error();
    sekisho_tls *tls = calloc(1, sizeof *tls);
    if (tls == NULL) return NULL;
    tls->openssl = SSL_new(context->openssl);
    tls->incoming = BIO_new(BIO_s_mem());
    tls->outgoing = BIO_new(BIO_s_mem());
    if (tls->openssl == NULL || tls->incoming == NULL || tls->outgoing == NULL) {
        BIO_free(tls->incoming);
        BIO_free(tls->outgoing);
        goto failed;
    }
    SSL_set_bio(tls->openssl, tls->incoming, tls->outgoing);
    SSL_set_app_data(tls->openssl, tls);
    if (!expect_peer(tls, host_name, address)) goto failed;
    SSL_set_connect_state(tls->openssl);
    if (context->session != NULL) {
        SSL_set_session(tls->openssl, context->session); /* without it the handshake is a whole one */
        /* Of TLS 1.3 each is used once, and brings the next one (RFC 8446 §C.4). */
        if (SSL_SESSION_get_protocol_version(context->session) >= TLS1_3_VERSION) forget_session(context);
    }
    return tls;
failed:
    ERR_clear_error();
    SSL_free(tls->openssl);
    free(tls);
    return NULL;
}

void sekisho_tls_free(sekisho_tls *tls) {
    SSL_free(tls->openssl);
    free(tls);
}

enum sekisho_tls_outcome sekisho_tls_handshake(sekisho_tls *tls) {
    ERR_clear_error();
    return outcome_of(tls, SSL_do_handshake(tls->openssl));
}

int sekisho_tls_receive(sekisho_tls *tls, const void *octets, size_t count) {
    size_t written = 0;
    return BIO_write_ex(tls->incoming, octets, count, &written) && written == count;
}

enum sekisho_tls_outcome sekisho_tls_read(sekisho_tls *tls, void *octets, size_t capacity, size_t *count) {
    ERR_clear_error();
    return outcome_of(tls, SSL_read_ex(tls->openssl, octets, capacity, count));
}

enum sekisho_tls_outcome sekisho_tls_write(sekisho_tls *tls, const void *octets, size_t count) {
    ERR_clear_error();
    size_t written = 0;
    return outcome_of(tls, SSL_write_ex(tls->openssl, octets, count, &written));
}

void sekisho_tls_shut_down(sekisho_tls *tls) {
    ERR_clear_error();
    SSL_shutdown(tls->openssl);
    ERR_clear_error();
}

size_t sekisho_tls_pending(const sekisho_tls *tls) { return BIO_ctrl_pending(tls->outgoing); }

size_t sekisho_tls_take(sekisho_tls *tls, void *octets, size_t capacity) {
    size_t count = 0;
    return BIO_read_ex(tls->outgoing, octets, capacity, &count) ? count : 0;
}

const char *sekisho_tls_reason(const sekisho_tls *tls) { return tls->reason; }
