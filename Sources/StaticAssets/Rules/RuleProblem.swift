/// Something in a rule file that was left out, and why. Nothing here is fatal: the rest of the file stands.
public struct RuleProblem: Sendable, Hashable {
    /// Stable names, for tools and tests.
    public enum Code: String, Sendable, Hashable {
        // Either file
        case lineTooLong = "line_too_long"
        case notRelativeOrHTTPS = "not_relative_or_https"
        // _headers
        case tooManyRules = "too_many_rules"
        case portInHost = "port_in_host"
        case multipleWildcards = "multiple_wildcards"
        case wildcardWithSplatPlaceholder = "wildcard_with_splat_placeholder"
        case ruleWithoutHeaders = "rule_without_headers"
        case spaceInHeaderName = "space_in_header_name"
        case emptyHeaderName = "empty_header_name"
        case emptyHeaderValue = "empty_header_value"
        case headerBeforePath = "header_before_path"
        case expectedHeaderPair = "expected_header_pair"
        case expectedPath = "expected_path"
        // _redirects
        case wrongTokenCount = "wrong_token_count"
        case absoluteURLNotAllowed = "absolute_url_not_allowed"
        case tooManyStaticRules = "too_many_static_rules"
        case tooManyDynamicRules = "too_many_dynamic_rules"
        case badStatus = "bad_status"
        case infiniteLoop = "infinite_loop"
        case duplicateFrom = "duplicate_from"
        case rewriteToAbsoluteURL = "rewrite_to_absolute_url"
    }

    public let code: Code
    /// Counted from 1; nil when the problem is the file's rather than one line's.
    public let line: Int?
    /// The line as it stands, trimmed.
    public let text: String?
    /// How many lines of the file were not read, for the problems that stop reading.
    public let skippedLines: Int?

    init(_ code: Code, line: Int? = nil, text: String? = nil, skippedLines: Int? = nil) {
        self.code = code
        self.line = line
        self.text = text
        self.skippedLines = skippedLines
    }

    /// One plain sentence.
    public var message: String {
        switch code {
        case .lineTooLong: "This line is longer than \(RuleLines.maximumLength) characters and was left out."
        case .notRelativeOrHTTPS: "A path has to begin with `/`, or be a whole URL that begins with `https://`."
        case .tooManyRules:
            "There are more than \(HeaderRules.maximumRules) rules; the last \(skippedLines ?? 0) lines were not read."
        case .portInHost: "A rule applies to a host on every port, so the port cannot be named."
        case .multipleWildcards: "One rule can have one `*`."
        case .wildcardWithSplatPlaceholder: "The `*` is already called `:splat`, so no placeholder can have that name."
        case .ruleWithoutHeaders: "No header is set or removed under this path."
        case .spaceInHeaderName: "A header name cannot contain a space."
        case .emptyHeaderName: "There is no header name before the `:`."
        case .emptyHeaderValue: "There is no value after the `:`."
        case .headerBeforePath: "This header stands before the first path, so it belongs to no rule."
        case .expectedHeaderPair: "A line under a path is `Name: value`, or `! Name` to remove a header."
        case .expectedPath: "The file begins with a path, which starts with `/` or `https://`."
        case .wrongTokenCount: "A redirect is `source target`, or `source target status`."
        case .absoluteURLNotAllowed: "The source of a redirect is a path on this site, without scheme and host."
        case .tooManyStaticRules:
            "Only \(RedirectRules.maximumStaticRules) rules without `*` or `:name` are read; this one was left out."
        case .tooManyDynamicRules:
            """
            Only \(RedirectRules.maximumDynamicRules) rules with `*` or `:name`, or below such a rule, are read; \
            the last \(skippedLines ?? 0) lines were not.
            """
        case .badStatus: "The status of a redirect is 200, 301, 302, 303, 307 or 308."
        case .infiniteLoop: "The site itself redirects the target back to the source, so this rule would never end."
        case .duplicateFrom: "An earlier line already redirects this source."
        case .rewriteToAbsoluteURL: "Status 200 shows another file of this site, so the target cannot be a whole URL."
        }
    }
}

/// Something in a rule file that is accepted but probably not meant. Found when rules are read, for the build to show.
public struct RuleWarning: Sendable, Hashable {
    public enum Code: String, Sendable, Hashable {
        /// The pattern can never match.
        case deadPattern = "dead_pattern"
        /// A host written with capitals, which no request has.
        case hostNeverMatches = "host_never_matches"
        /// Cloudflare's documentation promises 1,000 characters for a redirect.
        case longRedirect = "long_redirect"
        /// The documented limit of `_headers` rules is 100; one more happens to work.
        case manyHeaderRules = "many_header_rules"
        /// The last block under a path replaces the earlier ones.
        case repeatedPath = "repeated_path"
        /// A header that HTTP cannot carry; it is not sent.
        case unsendableHeader = "unsendable_header"
        /// Counts as dynamic only because of where it stands.
        case staticAfterDynamic = "static_after_dynamic"
    }

    public let code: Code
    public let line: Int
    public let text: String
    /// One plain sentence.
    public let message: String

    init(_ code: Code, line: Int, text: String, _ message: String) {
        self.code = code
        self.line = line
        self.text = text
        self.message = message
    }
}
