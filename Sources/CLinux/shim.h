#pragma once

// glibc declares these only to programs that ask for GNU extensions, which Swift's import of it does not.

/// renameat2(2): with `LILYPAD_RENAME_EXCHANGE` two paths change places in one step.
extern int renameat2(int oldFolder, const char *oldPath, int newFolder, const char *newPath, unsigned int flags);
static const unsigned int LILYPAD_RENAME_EXCHANGE = 2;

/// syncfs(2): writes out everything that the file system of this descriptor holds back.
extern int syncfs(int descriptor);

#include <linux/filter.h>

/// A filter for a listening TCP socket that lets nothing begin: packets with SYN (RFC 9293 §3.1) are dropped, everything
/// else passes.
static struct sock_filter lilypad_no_beginnings[] = {
    BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 13),
    BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x02, 0, 1),
    BPF_STMT(BPF_RET | BPF_K, 0),
    BPF_STMT(BPF_RET | BPF_K, 0xFFFFFFFF),
};

/// The value of `SO_ATTACH_FILTER` for it.
static inline struct sock_fprog lilypad_no_new_connections(void) {
    struct sock_fprog program = {4, lilypad_no_beginnings};
    return program;
}
