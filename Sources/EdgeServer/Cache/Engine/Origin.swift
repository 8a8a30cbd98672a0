import HTTPCaching
import HTTPTypes
import NIOCore
import NIOHTTP1
import Workers

/// What a cache asks when it has no answer: a server over the network, or a Worker in this process. Confined to an event
/// loop.
protocol Origin: AnyObject {
    /// - Parameter receive: called any number of times, the last time with `end` or `failed`; never before this returns.
    func send(_ request: OriginRequest, _ receive: @escaping (OriginEvent) -> Void) -> any OriginCall
}

/// A request as the origin sees it.
struct OriginRequest {
    enum Body {
        case none
        /// Its parts follow with `OriginCall.write` and `end`.
        case stream(length: Int?)
    }

    var method: String
    /// Of the client.
    var scheme: String
    var authority: String
    var target: String
    /// Without those that are about the connection.
    var fields: HTTPFields
    var body: Body
}

enum OriginEvent {
    /// A 1xx response.
    case interim(Int, HTTPHeaders)
    case head(OriginHead)
    case body(ByteBuffer)
    case end(trailers: HTTPHeaders?)
    case failed(GatewayFailure)
}

/// The head of a final response.
struct OriginHead {
    var status: Int
    /// With `Content-Length` where the origin says it, without `Transfer-Encoding`.
    var fields: HTTPFields
    /// Who made the response by which rule, for the request log.
    var note: AnswerNote?
}

/// Why there is no response, or not all of it.
struct GatewayFailure: Error, Hashable {
    /// With which a gateway answers in its place (RFC 9110 §15.6).
    var status: Int
    /// For logs and problem details.
    var code: String
    /// One sentence, without anything that the request carried.
    var message: String
    /// What a Worker whose `fetch` met the failure gets to see.
    var cause: WorkersError?
}

/// A request on its way. Confined to the event loop of its origin.
protocol OriginCall: AnyObject {
    /// Whether the origin takes more of the request's body.
    var isWritable: Bool { get }
    /// Called when it does after `isWritable` was false.
    var onWritable: (() -> Void)? { get set }
    /// While true, no more of the response is taken in than one read brings.
    var isPaused: Bool { get set }
    func write(_ part: ByteBuffer)
    func end(trailers: HTTPHeaders?)
    /// Nothing is received any more.
    func cancel()
}

extension GatewayFailure {
    static let onlyIfCached = GatewayFailure(
        status: 504, code: "only_if_cached", message: "The request wants a stored response, and there is none.")

    static func status(_ status: Int) -> GatewayFailure {
        GatewayFailure(status: status, code: "origin_error", message: "The origin answered with \(status).")
    }

    /// What it means for stored responses.
    var kind: OriginFailure {
        code == "origin_error" ? .status(status) : status == 504 ? .timeout : .connection
    }
}
