/*
 * CSocketShims: what Swift cannot import from glibc.
 *
 * - recvmmsg, sendmmsg, accept4 and struct mmsghdr are hidden behind _GNU_SOURCE, which the Glibc module is built without.
 *   These wrappers can go when it is built with it.
 * - The CMSG_* macros and struct in_pktinfo are not imported either.
 * - The Glibc module leaves out <sys/epoll.h> and <sys/eventfd.h>; they come with this one.
 *
 * No policy and no allocation here: each function is a macro or a system call made callable.
 */
#ifndef SEKISHO_SOCKET_SHIMS_H
#define SEKISHO_SOCKET_SHIMS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

/* The layout of struct mmsghdr; sizes and offsets are asserted in the implementation. */
struct sekisho_mmsghdr {
    struct msghdr header;
    unsigned int length;
};

/* Octets of ancillary data that a datagram's local address can take, for either family. */
#define SEKISHO_CONTROL_OCTETS 64

/* recvmmsg(2) without a time-out. */
int sekisho_recvmmsg(int descriptor, struct sekisho_mmsghdr *messages, unsigned int count, int flags);

/* sendmmsg(2). */
int sekisho_sendmmsg(int descriptor, struct sekisho_mmsghdr *messages, unsigned int count, int flags);

/* accept4(2). */
int sekisho_accept(int descriptor, struct sockaddr *peer, socklen_t *octets, int flags);

/* Asks the kernel to say to which local address each datagram was sent (IP_PKTINFO, IPV6_RECVPKTINFO). 0 or -1. */
int sekisho_receive_local_address(int descriptor, int family);

/*
 * Turns received ancillary data into what makes a reply leave from the address that was asked: only the packet
 * information is kept, and its interface only for link-local addresses, where it is part of the address.
 * Returns the octets of ancillary data to send, 0 when there was no packet information.
 */
size_t sekisho_reply_control(struct msghdr *message);

#endif
