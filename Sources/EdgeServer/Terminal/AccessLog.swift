import NIOCore
import Workers

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
        /// The client's address.
        public var client = ""
        /// Of the request: `HTTP/1.1`.
        public var version = ""
        /// The fields as sent, which may hold anything that a field can.
        public var userAgent: String?
        public var referrer: String?
        /// What the Worker was told as `CF-Ray`.
        public var ray: String?
        /// What the client asked for: the host, with its port.
        package var host = ""
        package var meter: RequestMeter?
        package var trace: RequestTrace?
    }

    /// What is known before a record is made, so that requests nobody wants to read about cost nothing.
    public struct Outline: Sendable {
        public var status: Int
        public var source: String?
        public var completed: Bool
    }

    private let wants: @Sendable (Outline) -> Bool
    package let write: @Sendable (Record) -> Void

    /// - Parameters:
    ///   - wants: false leaves a request out.
    ///   - write: receives the others.
    public init(wants: @escaping @Sendable (Outline) -> Bool, write: @escaping @Sendable (Record) -> Void) {
        self.wants = wants
        self.write = write
    }

    /// The same log with fewer records, and without the queries of what remains: they may hold a secret.
    package func withoutQueries(where keeps: @escaping @Sendable (Outline) -> Bool) -> AccessLog {
        AccessLog(wants: { keeps($0) && wants($0) }) { [write] record in
            var record = record
            record.target = String(decoding: record.target.utf8.prefix { $0 != 0x3F }, as: UTF8.self)
            write(record)
        }
    }

    /// A log that is two.
    package func joined(_ other: AccessLog) -> AccessLog {
        AccessLog(wants: { wants($0) || other.wants($0) }) { [self] record in
            let outline = Outline(status: record.status, source: record.note?.source, completed: record.completed)
            if wants(outline) { write(record) }
            if other.wants(outline) { other.write(record) }
        }
    }

    func record(_ exchange: Exchange, completed: Bool) {
        let outline = Outline(status: exchange.responseStatus, source: exchange.note?.source, completed: completed)
        guard wants(outline) else { return }
        let head = exchange.head
        var record = Record(
            method: head.method.rawValue, target: head.uri, status: exchange.responseStatus,
            bytes: exchange.responseBytes, nanoseconds: (NIODeadline.now() - exchange.arrived).nanoseconds,
            note: exchange.note, completed: completed)
        record.client = exchange.client.address
        record.version = "HTTP/\(head.version.major).\(head.version.minor)"
        record.userAgent = head.headers.first(name: "user-agent")
        record.referrer = head.headers.first(name: "referer")
        record.ray = exchange.ray
        record.host = exchange.host
        record.meter = exchange.meter
        record.trace = exchange.trace
        write(record)
    }
}
