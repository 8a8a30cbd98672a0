import Testing
import WranglerConfig

@Suite struct ConfigModelTests {
    @Test func `a whole file becomes a typed value`() throws {
        let report = check(
            """
            name = "app"
            main = "../edge/shim.js"
            compatibility_date = "2025-06-01"
            route = "example.com/*"
            [assets]
            directory = "./public"
            html_handling = "drop-trailing-slash"
            not_found_handling = "404-page"
            run_worker_first = ["/api/*"]
            [triggers]
            crons = ["0 * * * *"]
            [[kv_namespaces]]
            binding = "SESSIONS"
            [[r2_buckets]]
            binding = "FILES"
            bucket_name = "files"
            [[queues.producers]]
            binding = "JOBS"
            queue = "jobs"
            [[queues.consumers]]
            queue = "jobs"
            max_batch_size = 5
            max_batch_timeout = 1.5
            dead_letter_queue = "dead"
            [[hyperdrive]]
            binding = "DB"
            id = "1"
            localConnectionString = "postgres://u:hunter2@localhost/db"
            [[ratelimits]]
            name = "LIMIT"
            namespace_id = "1"
            simple = { limit = 100, period = 60 }
            [dev]
            port = 9000
            [build]
            command = "make"
            watch_dir = ["Sources", "../shared"]
            """)
        #expect(report.problems.isEmpty)
        let config = try report.get()
        #expect(config.main == "/edge/shim.js")
        #expect(config.routes?.map(\.pattern) == ["example.com/*"])
        #expect(config.assets?.htmlHandling == .dropTrailingSlash)
        #expect(config.assets?.notFoundHandling == .notFoundPage)
        #expect(config.assets?.runWorkerFirst == .routes(["/api/*"]))
        #expect(config.crons == ["0 * * * *"])
        #expect(config.kvNamespaces.map(\.localName) == ["SESSIONS"])
        #expect(config.r2Buckets.map(\.localName) == ["files"])
        #expect(config.queueProducers.map(\.localName) == ["jobs"])
        #expect(config.queueConsumers.first?.maxBatchTimeout == 1.5)
        #expect(config.queueConsumers.first?.maxBatchSize == 5)
        #expect(config.queueConsumers.first?.maxRetries == nil)
        #expect(config.rateLimits.first?.period == 60)
        #expect(config.dev.port == 9000)
        #expect(config.dev.ip == "localhost")
        #expect(config.build.watchedFolders == ["/project/Sources", "/shared"])
        #expect(config.boundNames["SESSIONS"] == "KV Namespace")
        #expect(!"\(config) \(report)".contains("hunter2"))
        #expect(config.hyperdrive.first?.localConnectionString?.reveal().contains("hunter2") == true)
    }

    @Test func `the cache in front of the Worker is off unless it is asked for, also by an environment`() throws {
        #expect(try check("name = \"app\"\n").get().cache == nil)
        let text = """
            name = "app"
            [cache]
            enabled = true
            [env.stage.cache]
            enabled = false
            cross_version_cache = true
            """
        let cache = try check(text).get().cache
        #expect(cache?.isEnabled == true)
        #expect(cache?.isCrossVersion == false)
        let staged = try check(text, environment: "stage").get().cache
        #expect(staged?.isEnabled == false)
        #expect(staged?.isCrossVersion == true)
    }

    @Test func `a container is named after its Worker, its class and the environment`() throws {
        let text = """
            name = "app"
            [[env.stage.containers]]
            class_name = "My Api"
            image = "./Dockerfile"
            """
        let files = ["/project/Dockerfile": "FROM scratch\n"]
        let container = try #require(check(text, environment: "stage", files: files).get().containers.first)
        #expect(container.name == "app-my-api-stage")
        #expect(container.image == "/project/Dockerfile")
        #expect(container.buildContext == "/project")
        #expect(container.maxInstances == 20)
        #expect(container.instanceType == "lite")
    }

    @Test(arguments: [
        ("docker.io/a/b:1", nil), ("./Dockerfile", nil), ("sub", "is a folder"), ("a/b", "has no tag"),
        ("https://a/b:1", "has a scheme"), ("no such", "neither a file"),
    ])
    func `an image is a file beside the configuration or a reference with a tag`(image: String, fault: String?) {
        let text = "name = \"app\"\n[[containers]]\nclass_name = \"A\"\nimage = \"\(image)\"\n"
        let report = check(text, files: ["/project/Dockerfile": "", "/project/sub/x": ""])
        #expect(report.errors.map(\.code) == (fault == nil ? [] : [.containerImageInvalid]))
        if let fault { #expect(report.errors.first?.message.contains(fault) == true) }
    }

    @Test func `assets are checked when they are used`() {
        let report = check("[assets]\nbinding = \"A\"\nrun_worker_first = true\n")
        #expect(report.problems.isEmpty)
        let codes = report.assetProblems(files: .memory([:])).map(\.code)
        #expect(codes == [.assetsDirectoryMissing, .assetsBindingNeedsMain, .runWorkerFirstNeedsMain])
        let present = report.assetProblems(directory: "/dist", files: .memory(["/dist/index.html": ""]))
        #expect(!present.map(\.code).contains(.assetsDirectoryMissing))
        let absent = check("main = \"a\"\n[assets]\ndirectory = \"./public\"\n")
            .assetProblems(files: .memory(["/project/public": ""]))
        #expect(absent.map { "\($0.code.rawValue) \($0.line ?? 0)" } == ["assets_directory_is_file 3"])
    }

    @Test func `JSON of a variable is compact and sorted`() {
        let node = TOMLNode.table([
            "b": .array([.integer(1), .float(2), .float(0.5), .boolean(true)]), "a": .string("\"\n\u{1}é"),
        ])
        #expect(node.json == #"{"a":"\"\n\u0001é","b":[1,2,0.5,true]}"#)
    }
}
