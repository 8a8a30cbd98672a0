import NIOCore
import NIOHTTP2

/// What one connection of HTTP/2 may cost, beside what holds for HTTP/1.1, too (`HTTPLimits`).
public struct HTTP2Limits: Sendable {
    /// Requests under way at the same time; further ones are a broken connection (RFC 9113 §5.1.2).
    public var streams = 100
    /// Bytes of a request body that may come in before its handler has taken any.
    public var streamWindow = 256 * 1024
    /// The same for all requests of a connection together, and so the most that a connection holds for slow handlers.
    public var connectionWindow = 1024 * 1024
    /// Requests that the client itself takes back within half a minute (“rapid reset”, CVE-2023-44487).
    public var resets = 500
    /// PING, SETTINGS and PRIORITY frames within half a minute (CVE-2019-9512, CVE-2019-9515).
    public var controlFrames = 500
    /// Broken requests within half a minute, and as many in the life of a connection, also where our own reset is what the
    /// client is after (CVE-2025-8671).
    public var streamErrors = 200
    /// CONTINUATION frames behind one head (CVE-2024-27316).
    public var continuations = 5
    /// Empty DATA frames in a row (CVE-2019-9518).
    public var emptyFrames = 8
    /// Replies to control frames that wait because the client does not read.
    public var waitingReplies = 1000

    public init() {}
}

extension NIOHTTP2Handler.ConnectionConfiguration {
    init(_ limits: HTTPLimits) {
        self.init()
        initialSettings = [
            HTTP2Setting(parameter: .maxConcurrentStreams, value: limits.http2.streams),
            HTTP2Setting(parameter: .maxHeaderListSize, value: limits.headerList),
            HTTP2Setting(parameter: .initialWindowSize, value: limits.http2.streamWindow),
        ]
        maximumSequentialEmptyDataFrames = limits.http2.emptyFrames
        maximumBufferedControlFrames = limits.http2.waitingReplies
        maximumSequentialContinuationFrames = limits.http2.continuations
        // Frames of requests that were reset may still be under way for every one of them.
        maximumRecentlyResetStreams = limits.http2.streams * 2
        maximumConnectionGlitches = limits.http2.streamErrors
        controlFrameRateLimit.maximumCount = limits.http2.controlFrames
    }
}

extension NIOHTTP2Handler.StreamConfiguration {
    init(_ limits: HTTPLimits) {
        self.init()
        streamResetFrameRateLimit.maximumCount = limits.http2.resets
        streamErrorRateLimit.maximumCount = limits.http2.streamErrors
    }
}
