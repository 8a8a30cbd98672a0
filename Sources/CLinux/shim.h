#pragma once

// glibc declares these only to programs that ask for GNU extensions, which Swift's import of it does not.

/// renameat2(2): with `LILYPAD_RENAME_EXCHANGE` two paths change places in one step.
extern int renameat2(int oldFolder, const char *oldPath, int newFolder, const char *newPath, unsigned int flags);
static const unsigned int LILYPAD_RENAME_EXCHANGE = 2;

/// syncfs(2): writes out everything that the file system of this descriptor holds back.
extern int syncfs(int descriptor);
