/// The newest messages of a session, numbered, for pages that were away for a moment.
struct MessageHistory {
    /// Messages that are kept. Whoever missed more loads the page again.
    static let length = 256

    /// Tells sessions apart: what a page has seen of another one means nothing here.
    let session: String
    private(set) var last = 0
    private var kept: [(number: Int, text: String)] = []

    init(session: String) { self.session = session }

    /// What a page that has seen everything so far says when it comes back.
    var position: String { "\(session)-\(last)" }

    /// - Parameter isState: a message that only tells how things stand; it is not repeated, since a page that comes back is
    ///   told how they stand then.
    /// - Returns: the event as it goes over the wire.
    mutating func add(_ json: String, isState: Bool) -> String {
        last += 1
        let text = MessageHistory.event(id: position, json)
        if !isState {
            kept.append((last, text))
            if kept.count > MessageHistory.length { kept.removeFirst() }
        }
        return text
    }

    /// What a page has missed.
    ///
    /// - Parameter position: the last event it has seen, empty for none.
    /// - Returns: the events in order, or `nil` when the page is too far behind to catch up.
    func missed(since position: String) -> [String]? {
        if position.isEmpty { return [] }
        let parts = position.split(separator: "-")
        guard parts.count == 2, parts[0] == session, let number = Int(parts[1]), number <= last else { return nil }
        if kept.count == MessageHistory.length, let oldest = kept.first, number < oldest.number - 1 { return nil }
        return kept.filter { $0.number > number }.map(\.text)
    }

    /// One server-sent event (HTML Standard, "Server-sent events"). JSON has no line breaks of its own.
    static func event(id: String, _ json: String) -> String { "id: \(id)\ndata: \(json)\n\n" }
}
