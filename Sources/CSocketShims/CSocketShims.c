#define _GNU_SOURCE
#include "CSocketShims.h"

#include <netinet/in.h>
#include <netinet/ip.h>
#include <string.h>

_Static_assert(sizeof(struct sekisho_mmsghdr) == sizeof(struct mmsghdr), "struct mmsghdr has another size");
_Static_assert(offsetof(struct sekisho_mmsghdr, length) == offsetof(struct mmsghdr, msg_len),
               "struct mmsghdr has its length elsewhere");
_Static_assert(SEKISHO_CONTROL_OCTETS >= CMSG_SPACE(sizeof(struct in6_pktinfo)), "control buffers are too small");
_Static_assert(SEKISHO_CONTROL_OCTETS >= CMSG_SPACE(sizeof(struct in_pktinfo)), "control buffers are too small");

int sekisho_recvmmsg(int descriptor, struct sekisho_mmsghdr *messages, unsigned int count, int flags) {
    return recvmmsg(descriptor, (struct mmsghdr *)messages, count, flags, NULL);
}

int sekisho_sendmmsg(int descriptor, struct sekisho_mmsghdr *messages, unsigned int count, int flags) {
    return sendmmsg(descriptor, (struct mmsghdr *)messages, count, flags);
}

int sekisho_accept(int descriptor, struct sockaddr *peer, socklen_t *octets, int flags) {
    return accept4(descriptor, peer, octets, flags);
}

int sekisho_receive_local_address(int descriptor, int family) {
    int on = 1;
    if (family == AF_INET6) return setsockopt(descriptor, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);
    return setsockopt(descriptor, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
}

size_t sekisho_reply_control(struct msghdr *message) {
    for (struct cmsghdr *item = CMSG_FIRSTHDR(message); item != NULL; item = CMSG_NXTHDR(message, item)) {
        size_t octets;
        if (item->cmsg_level == IPPROTO_IP && item->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo info;
            memcpy(&info, CMSG_DATA(item), sizeof info);
            info.ipi_ifindex = 0;
            memcpy(CMSG_DATA(item), &info, sizeof info);
            octets = CMSG_SPACE(sizeof info);
        } else if (item->cmsg_level == IPPROTO_IPV6 && item->cmsg_type == IPV6_PKTINFO) {
            struct in6_pktinfo info;
            memcpy(&info, CMSG_DATA(item), sizeof info);
            if (!IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr)) info.ipi6_ifindex = 0;
            memcpy(CMSG_DATA(item), &info, sizeof info);
            octets = CMSG_SPACE(sizeof info);
        } else {
            continue;
        }
        memmove(message->msg_control, item, octets);
        message->msg_controllen = octets;
        return octets;
    }
    message->msg_controllen = 0;
    return 0;
}
