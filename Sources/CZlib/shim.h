#pragma once
#include <zlib.h>

/// `deflateInit2` is a macro, which Swift does not import. `windowBits` 31 asks for a gzip frame.
static inline int lilypad_deflate_init(z_stream *stream, int level, int windowBits) {
    return deflateInit2(stream, level, Z_DEFLATED, windowBits, 9, Z_DEFAULT_STRATEGY);
}

/// `inflateInit2` is a macro, too. `windowBits` 47 accepts zlib and gzip frames.
static inline int lilypad_inflate_init(z_stream *stream, int windowBits) {
    return inflateInit2(stream, windowBits);
}
