import NIOCore
import NIOHPACK
import NIOHTTP1
import NIOHTTP2

/// One HTTP/2 connection: makes exchanges of its streams and looks after what they share.
///
/// The library in front of it parses and checks frames, keeps the state of each stream and divides the way out among them
/// (`NIOHTTP2Handler`). There is no channel for each stream: a stream is a plain object here.
final class HTTP2Connection: ChannelInboundHandler, LoopConnection, NIOHTTP2FrameDelegate {
    typealias InboundIn = HTTP2Frame
    typealias OutboundOut = HTTP2Frame

    /// The largest table of known fields that is kept for one client; what Chromium and Firefox ask for.
    private static let fieldTable = 64 * 1024

    let state: LoopState
    let log: AccessLog?
    private let limits: HTTPLimits
    private let handler: any RequestHandler
    private let isSecure: Bool
    let peer: SharedPeer
    private var context: ChannelHandlerContext?
    private var streams: [HTTP2StreamID: HTTP2Stream] = [:]
    /// The last one that was begun: a client may send requests with higher numbers again, elsewhere (RFC 9113 §6.8).
    private var last = HTTP2StreamID.rootStream
    private var window: ReceiveWindow
    private var budget = FloodBudget()
    private var phase = Phase.opening
    private var deadline: NIODeadline
    private var isReading = false
    private var needsFlush = false
    private var isInputClosed = false
    /// Whether the client was told to go elsewhere.
    private(set) var isLeaving = false
    /// Whether fields may be put into the table that both ends keep.
    private(set) var indexes = true
    /// The library says only that there was an error. What it has just sent tells whether it was that of a stream.
    private var hasJustReset = false

    private enum Phase { case opening, idle, busy, flushing, lingering }

    /// - Parameter isSecure: whether there is TLS below.
    init(
        state: LoopState, limits: HTTPLimits, handler: any RequestHandler, log: AccessLog?, isSecure: Bool,
        peer: SharedPeer
    ) {
        self.state = state
        self.limits = limits
        self.handler = handler
        self.log = log
        self.isSecure = isSecure
        self.peer = peer
        window = ReceiveWindow(target: limits.http2.connectionWindow)
        deadline = .now() + limits.headTime
    }

    private(set) lazy var remoteAddress = context?.channel.remoteAddress
    private var isEnding: Bool { phase == .flushing || phase == .lingering }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        state.connections[ObjectIdentifier(self)] = self
        // Behind TLS the connection is there already; otherwise it is about to be.
        if context.channel.isActive { open() }
    }

    func channelActive(context: ChannelHandlerContext) {
        open()
        context.fireChannelActive()
    }

    /// A connection begins with a window of 65,535 bytes, and settings change that only for streams (RFC 9113 §6.9.2).
    private func open() {
        giveWindow(limits.http2.connectionWindow - 65_535, to: .rootStream)
        flushIfNeeded()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        state.connections[ObjectIdentifier(self)] = nil
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        state.connections[ObjectIdentifier(self)] = nil
        phase = .lingering
        closeStreams()
        context.fireChannelInactive()
    }

    /// - Returns: whether the bytes are to be looked at.
    func takes(_ bytes: Int) -> Bool {
        budget.arrived(bytes)
        return !isEnding
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        isReading = true
        guard !isEnding else { return }
        if phase == .opening { becomeIdle() }
        let frame = unwrapInboundIn(data)
        switch frame.payload {
        case .headers(let payload): received(payload, on: frame.streamID)
        case .data(let payload):
            guard case .byteBuffer(let bytes) = payload.data else { return }
            budget.used(bytes.readableBytes)
            streams[frame.streamID]?.received(bytes, endsStream: payload.endStream)
        case .rstStream: closed(frame.streamID)
        case .goAway: leave()
        case .settings(.settings(let settings)):
            for setting in settings
            where setting.parameter == .headerTableSize && setting.value > HTTP2Connection.fieldTable {
                indexes = false
            }
        default: break
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        hasJustReset = false
        if budget.isExceeded, !isEnding {
            end(.enhanceYourCalm)
        } else if needsFlush {
            state.flushLater(self)
        }
        context.fireChannelReadComplete()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case let event as NIOHTTP2WindowUpdatedEvent:
            if event.streamID == .rootStream {
                if let size = event.inboundWindowSize, let increment = window.changed(to: size) {
                    giveWindow(increment, to: .rootStream)
                }
            } else {
                streams[event.streamID]?.windowChanged(inbound: event.inboundWindowSize)
            }
        case let event as StreamClosedEvent: closed(event.streamID)
        case ChannelEvent.inputClosed:
            isInputClosed = true
            inputClosed(context)
        default: break
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? NIOHTTP2Errors.StreamError {
            // We have sent what does not fit, such as content of another length than was announced.
            streams[error.streamID]?.reset(.internalError)
        } else if hasJustReset {
            // The request of one stream was malformed, and its client knows.
            hasJustReset = false
        } else if !isEnding {
            // The library has said why. The socket is closed only on our side, or the reason might not arrive.
            closeStreams()
            closeOutput(context)
        }
    }

    func wroteFrame(_ frame: HTTP2Frame) {
        if case .rstStream = frame.payload { hasJustReset = true } else { hasJustReset = false }
    }

    // MARK: Requests

    private func received(_ payload: HTTP2Frame.FramePayload.Headers, on id: HTTP2StreamID) {
        if let stream = streams[id] {
            budget.used(payload.headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count })
            stream.receivedEnd(trailers: HTTPHeaders(payload.headers.map { ($0.name, $0.value) }))
            return
        }
        // Trailers of a request that is over here are nothing new.
        guard id > last else { return }
        last = id
        let request = HTTP2Request(
            payload.headers, endsStream: payload.endStream, isSecure: isSecure, limits: limits)
        budget.used(request.size)
        phase = .busy
        let stream = HTTP2Stream(id, of: self, limits: limits)
        streams[id] = stream
        stream.begin(request, endsStream: payload.endStream, handler: handler)
    }

    /// A stream is over, however it has ended.
    func closed(_ id: HTTP2StreamID) {
        guard let stream = streams.removeValue(forKey: id) else { return }
        stream.closed()
        guard streams.isEmpty, !isEnding else { return }
        if isLeaving || state.isDraining { end(.noError) } else { becomeIdle() }
    }

    private func becomeIdle() {
        phase = .idle
        deadline = .now() + limits.idleTime
    }

    private func closeStreams() {
        let all = streams
        streams = [:]
        for stream in all.values { stream.closed() }
    }

    // MARK: Flow control

    func hold(_ bytes: Int) { window.hold(bytes) }

    func release(_ bytes: Int) {
        if bytes > 0, let increment = window.release(bytes) { giveWindow(increment, to: .rootStream) }
    }

    func giveWindow(_ bytes: Int, to id: HTTP2StreamID) {
        guard bytes > 0, !isEnding else { return }
        write(id, .windowUpdate(windowSizeIncrement: bytes))
        flushLater()
    }

    // MARK: Sending

    func sent(content bytes: Int) { budget.used(bytes) }

    func write(_ id: HTTP2StreamID, _ payload: HTTP2Frame.FramePayload) {
        guard let context else { return }
        context.write(wrapOutboundOut(HTTP2Frame(streamID: id, payload: payload)), promise: nil)
        needsFlush = true
    }

    /// - Parameter done: called when the frame is with the kernel, or never will be.
    func write(_ id: HTTP2StreamID, _ payload: HTTP2Frame.FramePayload, _ done: @escaping () -> Void) {
        guard let context else { return done() }
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { _ in done() }
        context.write(wrapOutboundOut(HTTP2Frame(streamID: id, payload: payload)), promise: promise)
        needsFlush = true
    }

    /// Parts of a stream go out at once: only then it is known whether there is room for more.
    func flushSoon() { if !isReading { flushIfNeeded() } }

    /// Complete answers go out together at the end of this turn of the loop.
    func flushLater() { if !isReading, needsFlush { state.flushLater(self) } }

    func flushIfNeeded() {
        guard needsFlush else { return }
        needsFlush = false
        context?.flush()
    }

    // MARK: Ending

    func drain() {
        if streams.isEmpty { end(.noError) } else { leave() }
    }

    /// Tells the client to send further requests elsewhere; what is under way is finished.
    private func leave() {
        guard !isLeaving, !isEnding else { return }
        isLeaving = true
        if streams.isEmpty { return end(.noError) }
        write(.rootStream, .goAway(lastStreamID: last, errorCode: .noError, opaqueData: nil))
        flushSoon()
    }

    private func inputClosed(_ context: ChannelHandlerContext) {
        if phase == .lingering { return context.close(promise: nil) }
        isLeaving = true
        for stream in Array(streams.values) { stream.clientClosed() }
        if streams.isEmpty { end(.noError) }
    }

    /// Says goodbye and closes; requests that are still under way are given up.
    private func end(_ code: HTTP2ErrorCode) {
        guard !isEnding else { return }
        phase = .flushing
        deadline = .now() + limits.writeTime
        closeStreams()
        write(.rootStream, .goAway(lastStreamID: last, errorCode: code, opaqueData: nil)) { [self] in
            guard let context else { return }
            closeOutput(context)
        }
        flushIfNeeded()
    }

    /// Closes our side. A full close would answer what the client may still be sending with a reset, which can overtake
    /// what was sent before.
    private func closeOutput(_ context: ChannelHandlerContext) {
        if isInputClosed { return context.close(promise: nil) }
        phase = .lingering
        deadline = .now() + limits.lingerTime
        context.close(mode: .output, promise: nil)
    }

    func sweep(now: NIODeadline) {
        guard let context else { return }
        switch phase {
        case .opening, .idle:
            if now >= deadline { end(.noError) }
        case .busy:
            for stream in Array(streams.values) { stream.sweep(now: now) }
            flushIfNeeded()
        case .flushing, .lingering:
            if now >= deadline { context.close(promise: nil) }
        }
    }
}
