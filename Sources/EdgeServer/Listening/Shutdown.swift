import Dispatch

#if canImport(Glibc)
    import Glibc
#endif

/// The wish to stop: SIGINT or SIGTERM. A second one ends the process at once.
package enum Shutdown {
    /// Takes the signals over from now on.
    ///
    /// - Returns: a stream of one element, the number of the signal that came.
    package static func signals() -> AsyncStream<Int32> {
        let numbers = [SIGINT, SIGTERM]
        let (signals, continuation) = AsyncStream.makeStream(of: Int32.self)
        // unsafe: only cancelled from elsewhere, which Dispatch allows from any thread.
        nonisolated(unsafe) let sources = numbers.map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                for number in numbers { signal(number, SIG_DFL) }
                continuation.yield(number)
                continuation.finish()
            }
            source.resume()
            return source
        }
        continuation.onTermination = { _ in
            for source in sources { source.cancel() }
            for number in numbers { signal(number, SIG_DFL) }
        }
        return signals
    }
}
