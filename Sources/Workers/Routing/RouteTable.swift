import HTTPTypes

/// All patterns of a router as one tree, laid out in flat arrays at start-up.
///
/// A request's path is walked segment by segment. At each step a literal is tried first, then a parameter, then a tail, and
/// the first place wins that has the request's method; so a route is never hidden by a better-fitting one of another
/// method. Every node is visited at most once. Nothing is allocated but the values of parameters and segments that are
/// percent-encoded.
struct RouteTable: Sendable {
    /// Where routes end: which method leads to which.
    struct Endpoint: Sendable {
        var methods: [(method: HTTPRequest.Method, route: Int)] = []
        var any: Int?

        /// A route for the method; HEAD is answered by GET where it has no route of its own (RFC 9110 §9.3.2).
        func route(for method: HTTPRequest.Method) -> Int? {
            for entry in methods where entry.method == method { return entry.route }
            if method == .head { for entry in methods where entry.method == .get { return entry.route } }
            return any
        }

        var first: Int? { methods.first?.route ?? any }
    }

    struct Found {
        var route: Int
        var values: [String]
    }

    enum Match {
        case found(Found)
        /// The path exists for other methods. `first` is a route there.
        case otherMethods(allowed: [HTTPRequest.Method], first: Int)
        case none
        /// An escape in the path is malformed.
        case malformed
    }

    private struct Edge: Sendable {
        var start: Int
        var count: Int
        var node: Int
    }

    private struct Node: Sendable {
        var edges: [Edge] = []
        var parameter: Int?
        var here: Endpoint?
        var tail: Endpoint?
    }

    private var nodes = [Node()]
    /// The bytes of all literals; edges point into them.
    private var literals: [UInt8] = []

    // MARK: Building

    /// - Returns: the route that has the same place and method already.
    mutating func add(_ pattern: RoutePattern, method: HTTPRequest.Method?, route: Int) -> Int? {
        var node = 0
        var isTail = false
        for segment in pattern.segments {
            switch segment {
            case .literal(let text): node = child(of: node, literal: Array(text.utf8))
            case .parameter:
                if nodes[node].parameter == nil {
                    nodes.append(Node())
                    nodes[node].parameter = nodes.count - 1
                }
                node = nodes[node].parameter ?? 0
            case .tail: isTail = true
            }
        }
        var endpoint = (isTail ? nodes[node].tail : nodes[node].here) ?? Endpoint()
        if let method {
            if let entry = endpoint.methods.first(where: { $0.method == method }) { return entry.route }
            endpoint.methods.append((method, route))
        } else {
            if let any = endpoint.any { return any }
            endpoint.any = route
        }
        if isTail { nodes[node].tail = endpoint } else { nodes[node].here = endpoint }
        return nil
    }

    private mutating func child(of node: Int, literal: [UInt8]) -> Int {
        for edge in nodes[node].edges where literals[edge.start..<(edge.start + edge.count)].elementsEqual(literal) {
            return edge.node
        }
        nodes.append(Node())
        nodes[node].edges.append(Edge(start: literals.count, count: literal.count, node: nodes.count - 1))
        literals += literal
        return nodes.count - 1
    }

    // MARK: Matching

    /// - Parameter path: as sent, percent-encoded.
    func match(_ path: String, _ method: HTTPRequest.Method) -> Match {
        var path = path
        return path.withUTF8 { bytes in
            var walk = Walk(bytes, method: method)
            guard bytes.first == UInt8(ascii: "/") else { return .none }
            if let route = descend(0, from: 1, &walk) { return .found(Found(route: route, values: walk.values)) }
            if walk.isMalformed { return .malformed }
            guard let first = walk.first else { return .none }
            return .otherMethods(allowed: walk.allowed, first: first)
        }
    }

    private struct Walk {
        let bytes: UnsafeBufferPointer<UInt8>
        let method: HTTPRequest.Method
        var values: [String] = []
        var allowed: [HTTPRequest.Method] = []
        /// A route that has the path but not the method.
        var first: Int?
        var isMalformed = false

        init(_ bytes: UnsafeBufferPointer<UInt8>, method: HTTPRequest.Method) {
            self.bytes = bytes
            self.method = method
        }

        mutating func arrive(_ endpoint: Endpoint) -> Int? {
            if let route = endpoint.route(for: method) { return route }
            if first == nil { first = endpoint.first }
            for entry in endpoint.methods where !allowed.contains(entry.method) { allowed.append(entry.method) }
            return nil
        }
    }

    /// - Parameter start: where the next segment begins; one past the end of the path when there is none left.
    private func descend(_ index: Int, from start: Int, _ walk: inout Walk) -> Int? {
        let bytes = walk.bytes
        guard start <= bytes.count else {
            guard let here = nodes[index].here else { return nil }
            return walk.arrive(here)
        }
        var end = start
        var isEscaped = false
        while end < bytes.count, bytes[end] != UInt8(ascii: "/") {
            if bytes[end] == UInt8(ascii: "%") { isEscaped = true }
            end += 1
        }
        let raw = UnsafeBufferPointer(rebasing: bytes[start..<end])
        var decoded: String?
        if isEscaped {
            decoded = PercentCoding.decodedStrictly(raw)
            if decoded == nil {
                walk.isMalformed = true
                return nil
            }
        }
        if let child = edge(of: index, raw, decoded), let route = descend(child, from: end + 1, &walk) { return route }
        if let child = nodes[index].parameter, !raw.isEmpty {
            let value = decoded ?? String(decoding: raw, as: UTF8.self)
            if !Self.hasDotSegment(value) {
                walk.values.append(value)
                if let route = descend(child, from: end + 1, &walk) { return route }
                walk.values.removeLast()
            }
        }
        if let tail = nodes[index].tail, let rest = Self.rest(UnsafeBufferPointer(rebasing: bytes[start...])) {
            if let route = walk.arrive(tail) {
                walk.values.append(rest)
                return route
            }
        }
        return nil
    }

    private func edge(of index: Int, _ raw: UnsafeBufferPointer<UInt8>, _ decoded: String?) -> Int? {
        guard var decoded else { return edge(of: index, raw) }
        return decoded.withUTF8 { edge(of: index, $0) }
    }

    private func edge(of index: Int, _ segment: UnsafeBufferPointer<UInt8>) -> Int? {
        literals.withUnsafeBufferPointer { literals in
            for edge in nodes[index].edges where edge.count == segment.count {
                var offset = 0
                while offset < edge.count, literals[edge.start + offset] == segment[offset] { offset += 1 }
                if offset == edge.count { return edge.node }
            }
            return nil
        }
    }

    private static func rest(_ raw: UnsafeBufferPointer<UInt8>) -> String? {
        guard let text = PercentCoding.decodedStrictly(raw), !hasDotSegment(text) else { return nil }
        return text
    }

    /// Clients resolve `.` and `..` before they send a path; whoever sends them regardless, escaped perhaps, wants to get
    /// out of a folder.
    private static func hasDotSegment(_ text: String) -> Bool {
        guard text.utf8.contains(UInt8(ascii: ".")) else { return false }
        // By bytes: a slash and an accent behind it are one `Character`, and still a slash to a file system.
        return text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).contains {
            $0.elementsEqual(".".utf8) || $0.elementsEqual("..".utf8)
        }
    }
}
