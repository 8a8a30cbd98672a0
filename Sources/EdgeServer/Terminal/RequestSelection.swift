/// Which requests get a line in the log.
public enum RequestSelection: Sendable {
    case all
    /// Successful static answers are left out: they drown the rest.
    case withoutAssets
    /// Only what went wrong on this side: 5xx, and answers that broke off.
    case failures

    func includes(_ outline: AccessLog.Outline) -> Bool {
        switch self {
        case .all: true
        case .withoutAssets: !RequestLine.isQuiet(outline)
        case .failures: outline.status >= 500 || !outline.completed
        }
    }
}
