import Dispatch

#if canImport(Glibc)
    import Glibc
#endif

/// Waits for the wish to stop: SIGINT or SIGTERM. A second one ends the process at once.
public enum Shutdown {
    /// - Returns: the number of the signal that came.
    public static func wait() async -> Int32 {
        let (signals, continuation) = AsyncStream.makeStream(of: Int32.self)
        let sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { continuation.yield(number) }
            source.resume()
            return source
        }
        defer {
            for source in sources { source.cancel() }
            for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) }
        }
        for await number in signals { return number }
        return SIGTERM
    }
}
