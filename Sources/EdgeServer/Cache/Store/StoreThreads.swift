import NIOCore
import NIOPosix

/// The threads on which files are read: those that NIO has for calls that block.
enum StoreThreads {
    static func run(_ body: @escaping @Sendable () -> Void) {
        // They are never stopped, so a call is never cancelled.
        NIOSingletons.posixBlockingThreadPool.submit { _ in body() }
    }

    /// - Parameter done: called on the event loop.
    static func run<Value: Sendable>(
        on loop: any EventLoop, _ body: @escaping @Sendable () -> Value, _ done: @escaping (Value) -> Void
    ) {
        let done = NIOLoopBound(done, eventLoop: loop)
        run {
            let value = body()
            loop.execute { done.value(value) }
        }
    }
}
