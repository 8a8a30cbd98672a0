/// In which form an error is told.
enum AcceptedFormat: Hashable {
    case html
    case json
    case text

    /// The form that a client asks for by name. Who takes anything, as `curl` does, reads text; who prefers nothing, too.
    ///
    /// - Parameter accept: the request's `Accept` fields (RFC 9110 §12.5.1), joined by commas.
    init(accept: String?) {
        var best: (format: AcceptedFormat, quality: Double)?
        for range in (accept ?? "").split(separator: ",") {
            let parts = range.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
            guard let type = parts.first, let format = AcceptedFormat(type: type) else { continue }
            let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) }
            let quality = weight ?? 1
            // Of equals the first: clients list what they like best in front.
            if quality > (best?.quality ?? 0) { best = (format, quality) }
        }
        self = best?.format ?? .text
    }

    private init?(type: String) {
        switch type {
        case "text/html", "application/xhtml+xml": self = .html
        case "application/json", "application/problem+json": self = .json
        case "text/plain": self = .text
        default: return nil
        }
    }
}
