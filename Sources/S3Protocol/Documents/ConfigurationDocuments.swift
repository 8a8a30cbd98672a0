/// `<CORSConfiguration>`, as it is written down.
public struct CORSConfigurationDocument: Sendable, Hashable {
    public struct Rule: Sendable, Hashable {
        public var id: String?
        public var origins: [String] = []
        public var methods: [String] = []
        public var headers: [String] = []
        public var exposedHeaders: [String] = []
        public var maxAge: Int?

        public init() {}
    }

    public var rules: [Rule]

    public init(rules: [Rule]) { self.rules = rules }

    public init(_ bytes: [UInt8]) throws(S3Error) {
        let root = try S3DocumentReader.root(bytes, "CORSConfiguration")
        try S3DocumentReader.check(root, allows: ["CORSRule"])
        rules = try root.children.map { (element) throws(S3Error) in
            try S3DocumentReader.check(
                element,
                allows: ["ID", "AllowedOrigin", "AllowedMethod", "AllowedHeader", "ExposeHeader", "MaxAgeSeconds"])
            var rule = Rule()
            rule.id = element["ID"]?.trimmed
            rule.origins = element.all("AllowedOrigin").map(\.trimmed)
            rule.methods = element.all("AllowedMethod").map(\.trimmed)
            rule.headers = element.all("AllowedHeader").map(\.trimmed)
            rule.exposedHeaders = element.all("ExposeHeader").map(\.trimmed)
            rule.maxAge = try element["MaxAgeSeconds"].map { (age) throws(S3Error) in
                try S3DocumentReader.number(age)
            }
            return rule
        }
    }

    public var xml: [UInt8] {
        XMLWriter.document("CORSConfiguration") { writer in
            for rule in rules {
                writer.element("CORSRule") { writer in
                    writer.text("ID", rule.id)
                    for origin in rule.origins { writer.text("AllowedOrigin", origin) }
                    for method in rule.methods { writer.text("AllowedMethod", method) }
                    for header in rule.headers { writer.text("AllowedHeader", header) }
                    for header in rule.exposedHeaders { writer.text("ExposeHeader", header) }
                    writer.text("MaxAgeSeconds", rule.maxAge.map { String($0) })
                }
            }
        }
    }
}

/// `<LifecycleConfiguration>`, as it is written down.
public struct LifecycleConfigurationDocument: Sendable, Hashable {
    /// When something is due.
    public enum Due: Sendable, Hashable {
        case days(Int)
        /// Seconds since 1970.
        case date(Double)
    }

    public struct Rule: Sendable, Hashable {
        /// `nil` for one that is to be made up.
        public var id: String?
        public var isEnabled = true
        public var prefix = ""
        public var expiration: Due?
        /// To `STANDARD_IA`, the one class there is to move to.
        public var transition: Due?
        /// Days.
        public var abortsUploadsAfter: Int?

        public init() {}
    }

    public var rules: [Rule]

    public init(rules: [Rule]) { self.rules = rules }

    public init(_ bytes: [UInt8]) throws(S3Error) {
        let root = try S3DocumentReader.root(bytes, "LifecycleConfiguration")
        try S3DocumentReader.check(root, allows: ["Rule"])
        rules = try root.children.map { (element) throws(S3Error) in try Rule(element) }
        guard !rules.isEmpty else { throw .malformedXML("it has no <Rule>") }
    }

    public var xml: [UInt8] {
        XMLWriter.document("LifecycleConfiguration") { writer in
            for rule in rules { writer.element("Rule") { rule.write(&$0) } }
        }
    }
}

extension LifecycleConfigurationDocument.Rule {
    private static let elements: Set<String> = [
        "ID", "Status", "Prefix", "Filter", "Expiration", "Transition", "AbortIncompleteMultipartUpload",
    ]

    fileprivate init(_ element: XMLElement) throws(S3Error) {
        self.init()
        // What works on versions and tags is not there (R2 documentation, "Object lifecycles").
        for child in element.children where child.name.utf8.starts(with: "Noncurrent".utf8) {
            throw .notImplemented("element", child.name, "")
        }
        try S3DocumentReader.check(element, allows: Self.elements)
        id = element["ID"]?.trimmed
        switch element["Status"]?.trimmed {
        case "Enabled": isEnabled = true
        case "Disabled": isEnabled = false
        default: throw .malformedXML("the <Status> of a <Rule> is Enabled or Disabled")
        }
        prefix = try Self.prefix(element)
        expiration = try element["Expiration"].map { (due) throws(S3Error) in
            if due["ExpiredObjectDeleteMarker"] != nil {
                throw .notImplemented("element", "ExpiredObjectDeleteMarker", "")
            }
            return try Self.due(due)
        }
        for move in element.all("Transition") {
            guard move["StorageClass"]?.trimmed == "STANDARD_IA" else {
                throw .malformedXML("a <Transition> goes to the <StorageClass> STANDARD_IA")
            }
            guard transition == nil else { throw .malformedXML("a <Rule> has two <Transition>s") }
            transition = try Self.due(move)
        }
        abortsUploadsAfter = try element["AbortIncompleteMultipartUpload"].map { (abort) throws(S3Error) in
            guard let days = abort["DaysAfterInitiation"] else {
                throw .malformedXML("<AbortIncompleteMultipartUpload> needs <DaysAfterInitiation>")
            }
            return try Self.days(days)
        }
    }

    private static func prefix(_ element: XMLElement) throws(S3Error) -> String {
        guard let filter = element["Filter"] else { return element.text("Prefix") ?? "" }
        for child in filter.children where child.name != "Prefix" {
            throw .notImplemented("element", child.name, "")
        }
        return filter.text("Prefix") ?? ""
    }

    private static func due(_ element: XMLElement) throws(S3Error) -> LifecycleConfigurationDocument.Due {
        switch (element["Days"], element["Date"]) {
        case (let days?, nil): return .days(try Self.days(days))
        case (nil, let date?):
            guard let seconds = S3Time.seconds(date.trimmed) else {
                throw .malformedXML("“\(date.trimmed)” is no date such as 2026-01-31T00:00:00Z")
            }
            return .date(seconds)
        default: throw .malformedXML("<\(element.name)> needs <Days> or <Date>")
        }
    }

    private static func days(_ element: XMLElement) throws(S3Error) -> Int {
        let days = try S3DocumentReader.number(element)
        guard (1...100_000).contains(days) else {
            throw S3Error("InvalidArgument", 400, "<\(element.name)> has to be a positive number of days.")
        }
        return days
    }

    fileprivate func write(_ writer: inout XMLWriter) {
        writer.text("ID", id)
        writer.element("Filter") { $0.text("Prefix", prefix) }
        writer.text("Status", isEnabled ? "Enabled" : "Disabled")
        if let expiration { writer.element("Expiration") { Self.write(expiration, &$0) } }
        if let transition {
            writer.element("Transition") { writer in
                Self.write(transition, &writer)
                writer.text("StorageClass", "STANDARD_IA")
            }
        }
        if let abortsUploadsAfter {
            writer.element("AbortIncompleteMultipartUpload") { $0.text("DaysAfterInitiation", abortsUploadsAfter) }
        }
    }

    private static func write(_ due: LifecycleConfigurationDocument.Due, _ writer: inout XMLWriter) {
        switch due {
        case .days(let days): writer.text("Days", days)
        case .date(let seconds): writer.text("Date", S3Time.text(seconds))
        }
    }
}
