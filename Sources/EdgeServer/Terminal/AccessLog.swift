import NIOCore

/// Receives one record for each finished request, on the connection's event loop. It must not block.
public struct AccessLog: Sendable {
    /// One finished request.
    public struct Record: Sendable {
        public var method: String
        /// As sent, with its query.
        public var target: String
        /// 0 when the client went away before there was an answer.
        public var status: Int
        public var bytes: Int
        public var nanoseconds: Int64
        public var note: AnswerNote?
        /// Whether the whole response was handed to the socket.
        public var completed: Bool
    }

    /// What is known before a record is made, so that requests nobody wants to read about cost nothing.
    public struct Outline: Sendable {
        public var status: Int
        public var source: String?
        public var completed: Bool
    }

    private let wants: @Sendable (Outline) -> Bool
    private let write: @Sendable (Record) -> Void

    /// - Parameters:
    ///   - wants: false leaves a request out.
    ///   - write: receives the others.
    public init(wants: @escaping @Sendable (Outline) -> Bool, write: @escaping @Sendable (Record) -> Void) {
        self.wants = wants
        self.write = write
    }

    func record(_ exchange: Exchange, completed: Bool) {
        let outline = Outline(status: exchange.responseStatus, source: exchange.note?.source, completed: completed)
        guard wants(outline) else { return }
        write(
            Record(
                method: exchange.head.method.rawValue, target: exchange.head.uri, status: exchange.responseStatus,
                bytes: exchange.responseBytes, nanoseconds: (NIODeadline.now() - exchange.arrived).nanoseconds,
                note: exchange.note, completed: completed))
    }
}
