import Testing
import Workers
import WorkersTesting

@Suite struct R2ConfigurationTests {
    private typealias Rule = R2CORSConfiguration.Rule

    // MARK: CORS

    @Test func `the first rule that allows a request answers`() throws {
        let configuration = try R2CORSConfiguration([
            Rule(
                origins: ["https://app.test", "https://*.example.com"], methods: ["PUT", "GET"],
                headers: ["Content-Type", "x-amz-*"], exposedHeaders: ["ETag"], maxAge: 600),
            Rule(origins: ["*"], methods: ["GET"]),
        ])
        let put = configuration.answer(
            origin: "https://a.b.example.com", method: "PUT", headers: ["content-type", "X-Amz-Meta-A"])
        #expect(put?.origin == "https://a.b.example.com")
        #expect(put?.headers == ["content-type", "x-amz-meta-a"])
        #expect(put?.exposedHeaders == ["ETag"] && put?.maxAge == 600 && put?.methods == ["PUT", "GET"])
        #expect(configuration.answer(origin: "https://app.test", method: "PUT", headers: ["x-other"]) == nil)
        #expect(configuration.answer(origin: "https://example.com", method: "PUT") == nil)
        #expect(configuration.answer(origin: "https://app.test.evil", method: "PUT") == nil)
        #expect(configuration.answer(origin: "https://app.test", method: "DELETE") == nil)
        #expect(configuration.answer(origin: "null", method: "GET")?.origin == "*")
        // A combining accent does not join the byte before it.
        #expect(configuration.answer(origin: "https://app.test\u{301}", method: "PUT") == nil)
    }

    @Test(arguments: [
        "example.com", "https://example.com/", "https://example.com/path", "https://*.*.com", "https://", "",
        "https://user@example.com", "https://a b", "://example.com",
    ])
    func `an origin that no browser sends is refused`(origin: String) {
        #expect(throws: R2InvalidConfiguration.self) {
            try R2CORSConfiguration([Rule(origins: [origin], methods: ["GET"])])
        }
    }

    @Test func `a rule that says too little or too much is refused`() throws {
        let wrong = [
            Rule(origins: [], methods: ["GET"]), Rule(origins: ["*"], methods: []),
            Rule(origins: ["*"], methods: ["PATCH"]), Rule(origins: ["*"], methods: ["get"]),
            Rule(origins: ["*"], methods: ["GET"], headers: [""]),
            Rule(origins: ["*"], methods: ["GET"], headers: ["x-*-*"]),
            Rule(origins: ["*"], methods: ["GET"], exposedHeaders: ["*"]),
            Rule(origins: ["*"], methods: ["GET"], maxAge: 86_401),
            Rule(origins: ["*"], methods: ["GET"], maxAge: -1),
        ]
        for rule in wrong {
            #expect(throws: R2InvalidConfiguration.self) { try R2CORSConfiguration([rule]) }
        }
        #expect(throws: R2InvalidConfiguration.self) { try R2CORSConfiguration([]) }
        let right = Rule(
            origins: ["http://localhost:3000", "capacitor://localhost", "*"], methods: ["HEAD"], maxAge: 0)
        _ = try R2CORSConfiguration([right])
        #expect(throws: R2InvalidConfiguration.self) {
            try R2CORSConfiguration(Array(repeating: right, count: 101))
        }
    }

    @Test(arguments: R2Implementation.allCases)
    func `a configuration is kept until it is removed`(implementation: R2Implementation) async throws {
        try await implementation.withBucket { bucket, _ in
            #expect(try await bucket.cors() == nil)
            let configuration = try R2CORSConfiguration([
                Rule(
                    id: "one", origins: ["https://a.test"], methods: ["PUT"], headers: ["*"], exposedHeaders: ["ETag"],
                    maxAge: 5),
                Rule(origins: ["*"], methods: ["GET"]),
            ])
            try await bucket.setCORS(configuration)
            #expect(try await bucket.cors() == configuration)
            try await bucket.setCORS(nil)
            #expect(try await bucket.cors() == nil)
        }
    }

    // MARK: Lifecycle

    private static let day = 86_400.0

    @Test func `rules of whole days are taken`() throws {
        let rules = [
            R2LifecycleRule(id: "a", prefix: "logs/", deletesObjects: .after(seconds: 3 * Self.day)),
            R2LifecycleRule(id: "b", deletesObjects: .from(1_772_323_200)),
            R2LifecycleRule(id: "c", movesToInfrequentAccess: .after(seconds: Self.day)), .initial,
        ]
        #expect(try R2LifecycleConfiguration(rules).rules == rules)
        #expect(try R2LifecycleConfiguration([]).rules.isEmpty)
    }

    @Test(arguments: [
        R2LifecycleRule(id: "nothing"), R2LifecycleRule(id: "part", deletesObjects: .after(seconds: 3600)),
        R2LifecycleRule(id: "none", deletesObjects: .after(seconds: 0)),
        R2LifecycleRule(id: "past", abortsUploadsAfter: -86_400),
        R2LifecycleRule(id: "noon", deletesObjects: .from(1_772_323_200 + 43_200)),
        R2LifecycleRule(id: "moved", movesToInfrequentAccess: .from(1_772_323_200)),
        R2LifecycleRule(id: String(repeating: "i", count: 256), abortsUploadsAfter: 86_400),
        R2LifecycleRule(id: "long", prefix: String(repeating: "p", count: 1025), abortsUploadsAfter: 86_400),
    ])
    func `a rule that cannot be followed is refused`(rule: R2LifecycleRule) {
        #expect(throws: R2InvalidConfiguration.self) { try R2LifecycleConfiguration([rule]) }
    }

    @Test func `a bucket has no two rules of one name, and not too many`() {
        #expect(throws: R2InvalidConfiguration.self) { try R2LifecycleConfiguration([.initial, .initial]) }
        let many = (0...1000).map { R2LifecycleRule(id: String($0), abortsUploadsAfter: Self.day) }
        #expect(throws: R2InvalidConfiguration.self) { try R2LifecycleConfiguration(many) }
    }

    @Test func `an object expires by the rule that is due first, at midnight`() {
        let object = R2Object(key: "logs/a", version: "", size: 1, etag: "", uploaded: 1_772_323_200 + 3600)
        let rules = [
            R2LifecycleRule(id: "late", deletesObjects: .after(seconds: 9 * Self.day)),
            R2LifecycleRule(id: "soon", prefix: "logs/", deletesObjects: .after(seconds: 2 * Self.day)),
            R2LifecycleRule(id: "other", prefix: "pages/", deletesObjects: .after(seconds: Self.day)),
            R2LifecycleRule(id: "off", isEnabled: false, deletesObjects: .after(seconds: Self.day)),
            R2LifecycleRule(id: "date", deletesObjects: .from(1_772_323_200 + 5 * Self.day)), .initial,
        ]
        let first = R2LifecycleConfiguration.expiration(of: object, under: rules)
        #expect(first?.rule.id == "soon" && first?.date == 1_772_323_200 + 3 * Self.day)
        #expect(R2LifecycleConfiguration.expiration(of: object, under: [.initial]) == nil)
    }
}
