import NIOCore
import NIOHTTP1
import StaticAssets

/// Sends each request where it belongs: to the static assets or to the Worker. One for each event loop.
public final class Gateway: RequestHandler {
    /// Answers kept ready for one state of the site; beyond this the memory starts again.
    private static let most = 4096

    private let live: LiveSite
    private let worker: WorkerHost?
    private var site: Site
    private var generation: Int
    /// For each set of host-bound header rules that can apply.
    private var ready: [UInt64: ReadyAnswers] = [:]
    private var readyCount = 0
    /// What follows from scheme and host, which are the same in nearly all requests.
    private var lastScheme = ""
    private var lastHost = ""
    private var lastOrigin: RequestOrigin
    /// `nil` when there are too many sets of rules to keep answers for.
    private var lastReady: ReadyAnswers?
    private var lastEncodings = ""
    private var lastCodings: [[ContentCoding]: ContentCoding] = [:]

    public init(site live: LiveSite, worker: WorkerHost?) {
        self.live = live
        self.worker = worker
        generation = live.generation
        site = live.current
        lastOrigin = RequestOrigin(scheme: "", host: "")
        lastReady = readyAnswers(to: "")
    }

    public func receive(_ exchange: Exchange) {
        refreshIfNeeded()
        let head = exchange.head
        let isRead = head.method == .GET || head.method == .HEAD
        let client = exchange.client
        look(at: client)
        if isRead, !exchange.summary.hasAuthorization, let asset = lastReady?.assets[head.uri],
            asset.target.utf8.elementsEqual(head.uri.utf8)
        {
            asset.deliver(exchange, coding: coding(exchange, asset.available))
            return
        }
        let request = AssetRequest(
            method: AssetRequest.Method(head.method.rawValue), target: RawTarget(head.uri), origin: lastOrigin,
            // Ranges and conditions are this layer's business: the asset layer is asked for the whole file.
            header: { name in
                switch name {
                case "authorization": exchange.summary.hasAuthorization ? "" : nil
                case "sec-fetch-mode": exchange.summary.fetchMode
                case "if-none-match": exchange.summary.ifNoneMatch
                default: nil
                }
            })
        // The site is held here, so that its rules need no copies of their own.
        let site = site
        switch site.router.route(request) {
        case .assets(let answer):
            send(answer, to: exchange)
        case .worker(let reason):
            guard let worker else { return }
            worker.answer(exchange, site: site.bundleHash, reason: reason.description)
        }
    }

    private func send(_ answer: AssetAnswer, to exchange: Exchange) {
        let note = AnswerNote(source: "assets", detail: answer.reason.description)
        guard let file = answer.file, answer.status == 200 else {
            sendPlain(answer, note, exchange)
            return
        }
        let asset = DeliveredAsset(
            target: exchange.head.uri, file: file, headers: answer.headers, note: note, bodies: site.bodies)
        remember(asset, answer, exchange)
        asset.deliver(exchange, coding: coding(exchange, asset.available))
    }

    /// Redirects, 304, 404 with or without a page, 405.
    private func sendPlain(_ answer: AssetAnswer, _ note: AnswerNote, _ exchange: Exchange) {
        exchange.note = note
        var fields = DeliveredAsset.fields(answer.headers, about: answer.file)
        var body: ByteBuffer?
        if let file = answer.file {
            let coding = coding(exchange, DeliveredAsset.codings(of: file))
            if coding != .identity, let index = fields.firstIndex(where: { $0.name == "etag" }) {
                fields[index].value = file.weakETag
            }
            if answer.status != 304 {
                switch coding {
                case .brotli: body = file.packed.brotli.map(site.bodies.buffer(of:))
                case .gzip: body = file.packed.gzip.map(site.bodies.buffer(of:))
                case .identity: body = site.bodies.buffer(of: file)
                }
                if coding != .identity { fields.append(("content-encoding", coding.rawValue)) }
            }
        }
        let length = ResponseHead.hasContent(answer.status) ? body?.readableBytes ?? 0 : nil
        exchange.respond(ResponseHead(status: answer.status, headers: fields, contentLength: length), body: body)
    }

    // MARK: What is remembered

    private func refreshIfNeeded() {
        let now = live.generation
        guard now != generation else { return }
        generation = now
        site = live.current
        ready = [:]
        readyCount = 0
        lastReady = readyAnswers(to: lastHost)
    }

    /// Keeps an answer that the next request for the same path would get, too: found by its path alone, not through a
    /// fallback, and not written for one client.
    private func remember(_ asset: DeliveredAsset, _ answer: AssetAnswer, _ exchange: Exchange) {
        guard answer.reason.decision == .file, !answer.dependsOnOrigin, !exchange.summary.hasAuthorization,
            !exchange.head.uri.utf8.contains(0x3F), lastReady != nil
        else { return }
        if readyCount >= Gateway.most {
            ready = [:]
            readyCount = 0
            lastReady = readyAnswers(to: lastHost)
        }
        lastReady?.assets[exchange.head.uri] = asset
        readyCount += 1
    }

    private func look(at client: ClientIdentity) {
        guard client.host != lastHost || client.scheme != lastScheme else { return }
        lastHost = client.host
        lastScheme = client.scheme
        lastOrigin = RequestOrigin(scheme: client.scheme, host: client.host)
        lastReady = readyAnswers(to: client.host)
    }

    private func readyAnswers(to host: String) -> ReadyAnswers? {
        guard let signature = site.router.headerRules.hostSignature(host) else { return nil }
        if let known = ready[signature] { return known }
        let new = ReadyAnswers()
        ready[signature] = new
        readyCount += 1
        return new
    }

    /// Browsers send the same `Accept-Encoding` with every request, so the last answer is usually the next one.
    private func coding(_ exchange: Exchange, _ available: [ContentCoding]) -> ContentCoding {
        guard !available.isEmpty, let field = exchange.summary.acceptEncoding else { return .identity }
        if field != lastEncodings {
            lastEncodings = field
            lastCodings = [:]
        }
        if let known = lastCodings[available] { return known }
        let coding = ContentCoding.choose(field, from: available)
        lastCodings[available] = coding
        return coding
    }
}

/// Complete answers by request target.
private final class ReadyAnswers {
    var assets: [String: DeliveredAsset] = [:]
}

extension DeliveredAsset {
    /// The codings in which a file lies ready, smallest first.
    static func codings(of file: AssetFile) -> [ContentCoding] {
        (file.packed.brotli == nil ? [] : [.brotli]) + (file.packed.gzip == nil ? [] : [.gzip])
    }
}
