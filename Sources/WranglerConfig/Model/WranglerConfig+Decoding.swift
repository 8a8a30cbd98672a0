extension WranglerConfig {
    /// Reads the checked tree. Nothing is missing or of a wrong type in it, so fallbacks here only please the
    /// compiler.
    init(
        file: String, currentFolder: String, settings: [String: TOMLNode], names: [BoundName],
        environments: [String]
    ) {
        let all = TOMLNode.table(settings)
        let folder = FilePath.parent(file)
        self.file = file
        self.settings = settings
        self.settings["hyperdrive"] = all["hyperdrive"]?.without("localConnectionString")
        name = all["name"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        topLevelName = all["topLevelName"]?.string
        environment = all["targetEnvironment"]?.string
        definedEnvironments = environments
        main = all["main"]?.string
        compatibilityDate = all["compatibility_date"]?.string
        compatibilityFlags = all["compatibility_flags"]?.strings ?? []
        accountID = all["account_id"]?.string
        workersDev = all["workers_dev"]?.boolean
        previewURLs = all["preview_urls"]?.boolean
        keepVars = all["keep_vars"]?.boolean
        let route = all["route"].map { [$0] }
        routes = (all["routes"]?.array ?? route)?.map(Route.init)
        vars = all["vars"]?.table ?? [:]
        requiredSecrets = all["secrets"]?["required"]?.strings
        crons = all["triggers"]?["crons"]?.array?.compactMap(\.string)

        kvNamespaces = all.list("kv_namespaces", KVNamespace.init)
        r2Buckets = all.list("r2_buckets", R2Bucket.init)
        d1Databases = all.list("d1_databases", D1Database.init)
        let queues = all["queues"] ?? .table([:])
        queueProducers = queues.list("producers", QueueProducer.init)
        queueConsumers = queues.list("consumers", QueueConsumer.init)
        durableObjects = (all["durable_objects"] ?? .table([:])).list("bindings", DurableObject.init)
        migrations = all.list("migrations", Migration.init)
        services = all.list("services", Service.init)
        hyperdrive = all.list("hyperdrive", Hyperdrive.init)
        rateLimits = all.list("ratelimits", RateLimit.init)

        assets = all["assets"].map { Assets($0, folder: folder) }
        containers = all.list("containers", Container.init)
        observability = all["observability"].map(Observability.init)
        limits = all["limits"].map(Limits.init)
        cache = all["cache"].map(Cache.init)
        placement = all["placement"].map(Placement.init)
        build = Build(all["build"] ?? .table([:]), currentFolder: currentFolder, folder: folder)
        dev = Dev(all["dev"] ?? .table([:]))
        boundNames = Dictionary(names.map { ($0.name, $0.kind) }, uniquingKeysWith: { first, _ in first })
    }
}

extension TOMLNode {
    /// A list of tables that all lack one key.
    fileprivate func without(_ key: String) -> TOMLNode {
        .array((array ?? []).map { .table(($0.table ?? [:]).filter { $0.key != key }) })
    }

    fileprivate func list<Element>(_ key: String, _ read: (TOMLNode) -> Element) -> [Element] {
        (self[key]?.array ?? []).map(read)
    }

    fileprivate func text(_ key: String) -> String { self[key]?.string ?? "" }

    fileprivate func int(_ key: String) -> Int? { self[key]?.number.flatMap { Int(exactly: $0.rounded()) } }
}

extension WranglerConfig.Route {
    init(_ node: TOMLNode) {
        pattern = node.string ?? node.text("pattern")
        zoneID = node["zone_id"]?.string
        zoneName = node["zone_name"]?.string
        isCustomDomain = node["custom_domain"]?.boolean ?? false
        enabled = node["enabled"]?.boolean
        previewsEnabled = node["previews_enabled"]?.boolean
    }
}

extension WranglerConfig.KVNamespace {
    init(_ node: TOMLNode) {
        self.init(binding: node.text("binding"), id: node["id"]?.string, previewID: node["preview_id"]?.string)
    }
}

extension WranglerConfig.R2Bucket {
    init(_ node: TOMLNode) {
        binding = node.text("binding")
        bucketName = node["bucket_name"]?.string
        previewBucketName = node["preview_bucket_name"]?.string
        jurisdiction = node["jurisdiction"]?.string
    }
}

extension WranglerConfig.D1Database {
    init(_ node: TOMLNode) {
        binding = node.text("binding")
        databaseID = node["database_id"]?.string
        databaseName = node["database_name"]?.string
        migrationsFolder = node["migrations_dir"]?.string ?? "migrations"
        migrationsTable = node["migrations_table"]?.string ?? "d1_migrations"
    }
}

extension WranglerConfig.QueueProducer {
    init(_ node: TOMLNode) {
        self.init(
            binding: node.text("binding"), queue: node["queue"]?.string, deliveryDelay: node["delivery_delay"]?.number)
    }
}

extension WranglerConfig.QueueConsumer {
    init(_ node: TOMLNode) {
        queue = node.text("queue")
        isPull = node["type"]?.string == "http_pull"
        maxBatchSize = node.int("max_batch_size")
        maxBatchTimeout = node["max_batch_timeout"]?.number
        maxRetries = node.int("max_retries")
        maxConcurrency = node.int("max_concurrency")
        retryDelay = node["retry_delay"]?.number
        visibilityTimeoutMilliseconds = node["visibility_timeout_ms"]?.number
        deadLetterQueue = node["dead_letter_queue"]?.string
    }
}

extension WranglerConfig.DurableObject {
    init(_ node: TOMLNode) {
        name = node.text("name")
        className = node.text("class_name")
        scriptName = node["script_name"]?.string
        environment = node["environment"]?.string
    }
}

extension WranglerConfig.Migration {
    init(_ node: TOMLNode) {
        tag = node.text("tag")
        newClasses = node["new_classes"]?.strings ?? []
        newSQLiteClasses = node["new_sqlite_classes"]?.strings ?? []
        deletedClasses = node["deleted_classes"]?.strings ?? []
        renamedClasses = node.list("renamed_classes", Move.init)
        transferredClasses = node.list("transferred_classes", Move.init)
    }
}

extension WranglerConfig.Migration.Move {
    init(_ node: TOMLNode) {
        self.init(from: node.text("from"), to: node.text("to"), fromScript: node["from_script"]?.string)
    }
}

extension WranglerConfig.Service {
    init(_ node: TOMLNode) {
        binding = node.text("binding")
        service = node.text("service")
        entrypoint = node["entrypoint"]?.string
        environment = node["environment"]?.string
        props = node["props"]
    }
}

extension WranglerConfig.Hyperdrive {
    init(_ node: TOMLNode) {
        binding = node.text("binding")
        id = node.text("id")
        localConnectionString = node["localConnectionString"]?.string.map(Secret.init)
    }
}

extension WranglerConfig.RateLimit {
    init(_ node: TOMLNode) {
        name = node.text("name")
        namespaceID = node.text("namespace_id")
        limit = node["simple"]?["limit"]?.number ?? 0
        period = node["simple"]?.int("period") ?? 60
    }
}

extension WranglerConfig.Assets {
    init(_ node: TOMLNode, folder: String) {
        directory = node["directory"]?.string
        directoryPath = directory.flatMap { $0.isEmpty ? nil : FilePath.resolve($0, from: folder) }
        binding = node["binding"]?.string
        htmlHandling = node["html_handling"]?.string.flatMap(HTMLHandling.init) ?? .autoTrailingSlash
        notFoundHandling = node["not_found_handling"]?.string.flatMap(NotFoundHandling.init) ?? .none
        switch node["run_worker_first"] {
        case .boolean(let value)?: runWorkerFirst = .always(value)
        case .array?: runWorkerFirst = .routes(node["run_worker_first"]?.strings ?? [])
        default: runWorkerFirst = nil
        }
    }
}

extension WranglerConfig.Container {
    init(_ node: TOMLNode) {
        name = node.text("name")
        className = node["class_name"]?.string
        image = node.text("image")
        buildContext = node["image_build_context"]?.string
        maxInstances = node.int("max_instances") ?? 20
        // A size in numbers fills what is missing from the smallest type, so the type itself stays unset then.
        instanceType = node["instance_type"] == nil ? "lite" : node["instance_type"]?.string
    }
}

extension WranglerConfig.Observability {
    init(_ node: TOMLNode) {
        enabled = node["enabled"]?.boolean
        headSamplingRate = node["head_sampling_rate"]?.number
        logsEnabled = node["logs"]?["enabled"]?.boolean
        tracesEnabled = node["traces"]?["enabled"]?.boolean
    }
}

extension WranglerConfig.Limits {
    init(_ node: TOMLNode) {
        cpuMilliseconds = node["cpu_ms"]?.number
        subrequests = node["subrequests"]?.number
    }
}

extension WranglerConfig.Cache {
    init(_ node: TOMLNode) {
        isEnabled = node["enabled"]?.boolean ?? false
        isCrossVersion = node["cross_version_cache"]?.boolean ?? false
    }
}

extension WranglerConfig.Placement {
    init(_ node: TOMLNode) {
        mode = node["mode"]?.string
        hint = node["hint"]?.string
        region = node["region"]?.string
        host = node["host"]?.string
        hostname = node["hostname"]?.string
    }
}

extension WranglerConfig.Build {
    init(_ node: TOMLNode, currentFolder: String, folder fileFolder: String) {
        command = node["command"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        folder = FilePath.resolve(node["cwd"]?.string ?? "", from: currentFolder)
        let watched = node["watch_dir"]?.strings ?? [node.text("watch_dir")]
        // With a command the tree has them relative to the current folder, else as written.
        let base = command == nil ? fileFolder : currentFolder
        watchedFolders = watched.map { FilePath.resolve($0, from: base) }
    }
}

extension WranglerConfig.Dev {
    init(_ node: TOMLNode) {
        ip = node["ip"]?.string ?? "localhost"
        port = node.int("port")
        inspectorIP = node["inspector_ip"]?.string
        inspectorPort = node.int("inspector_port")
        localProtocol = node["local_protocol"]?.string ?? "http"
        upstreamProtocol = node["upstream_protocol"]?.string ?? localProtocol
        host = node["host"]?.string
        enableContainers = node["enable_containers"]?.boolean ?? true
        containerEngine = node["container_engine"]?.string
    }
}
