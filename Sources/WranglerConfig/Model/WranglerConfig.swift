/// A `wrangler.toml` without errors, as it counts for the selected environment.
///
/// A value of this type has passed every check: names are valid, binding names are unique, lists hold what they should.
/// Keys that only matter to Cloudflare's own features are not spelled out here; `settings` has them.
public struct WranglerConfig: Sendable, Equatable {
    /// The configuration file, absolute. Relative paths in it start from its folder.
    public var file: String
    /// The Worker's name, with the suffix of the environment; needed to deploy.
    public var name: String?
    public var topLevelName: String?
    /// The environment that was asked for.
    public var environment: String?
    /// The environments of the file, in its order.
    public var definedEnvironments: [String]
    /// The entry point, absolute.
    public var main: String?
    /// `YYYY-MM-DD`.
    public var compatibilityDate: String?
    public var compatibilityFlags: [String]
    public var accountID: String?
    /// Unset: true at deploy if there are no routes.
    public var workersDev: Bool?
    public var previewURLs: Bool?
    public var keepVars: Bool?
    /// `route` or `routes`. `nil` if neither is set, which differs from an empty list: that removes routes at deploy.
    public var routes: [Route]?
    /// Plain variables; the values of secrets are not here (see `DevelopmentVariables`).
    public var vars: [String: TOMLNode]
    /// The names of secrets that must exist; `nil` if the file does not say.
    public var requiredSecrets: [String]?
    /// `nil` leaves the schedules of a deployed Worker alone; an empty list removes them.
    public var crons: [String]?

    public var kvNamespaces: [KVNamespace]
    public var r2Buckets: [R2Bucket]
    public var d1Databases: [D1Database]
    public var queueProducers: [QueueProducer]
    public var queueConsumers: [QueueConsumer]
    public var durableObjects: [DurableObject]
    public var migrations: [Migration]
    public var services: [Service]
    public var hyperdrive: [Hyperdrive]
    public var rateLimits: [RateLimit]

    public var assets: Assets?
    public var containers: [Container]
    public var observability: Observability?
    public var limits: Limits?
    public var cache: Cache?
    public var placement: Placement?
    public var build: Build
    public var dev: Dev

    /// All effective settings under the names they have in the file, with defaults filled in and paths resolved.
    /// Without local connection strings: `hyperdrive` has them as secrets.
    public var settings: [String: TOMLNode]
    /// Everything that the Worker sees by a name, and what kind it is (`KV Namespace`).
    public var boundNames: [String: String]

    /// The folder that relative paths in the file start from.
    public var folder: String { FilePath.parent(file) }
}

extension WranglerConfig {
    public struct Route: Sendable, Equatable {
        public var pattern: String
        public var zoneID: String?
        public var zoneName: String?
        public var isCustomDomain: Bool
        public var enabled: Bool?
        public var previewsEnabled: Bool?
    }

    /// Without an `id` the namespace is made at deploy; locally it is called like the binding.
    public struct KVNamespace: Sendable, Equatable {
        public var binding: String
        public var id: String?
        public var previewID: String?
        public var localName: String { id ?? binding }
    }

    public struct R2Bucket: Sendable, Equatable {
        public var binding: String
        public var bucketName: String?
        public var previewBucketName: String?
        public var jurisdiction: String?
        public var localName: String { bucketName ?? binding }
    }

    public struct D1Database: Sendable, Equatable {
        public var binding: String
        public var databaseID: String?
        public var databaseName: String?
        public var migrationsFolder: String
        public var migrationsTable: String
    }

    /// Without a queue the queue is made at deploy; locally it is called like the binding.
    public struct QueueProducer: Sendable, Equatable {
        public var binding: String
        public var queue: String?
        /// Seconds until a message becomes visible.
        public var deliveryDelay: Double?
        public var localName: String { queue ?? binding }
    }

    /// Unset limits mean the queue's own defaults. Times are seconds unless the name says milliseconds.
    public struct QueueConsumer: Sendable, Equatable {
        public var queue: String
        /// Whether clients take the messages over HTTP (`type = "http_pull"`) instead of a Worker getting them.
        public var isPull = false
        public var maxBatchSize: Int?
        public var maxBatchTimeout: Double?
        public var maxRetries: Int?
        public var maxConcurrency: Int?
        public var retryDelay: Double?
        public var visibilityTimeoutMilliseconds: Double?
        public var deadLetterQueue: String?
    }

    public struct DurableObject: Sendable, Equatable {
        public var name: String
        public var className: String
        public var scriptName: String?
        public var environment: String?
    }

    public struct Migration: Sendable, Equatable {
        public struct Move: Sendable, Equatable {
            public var from: String
            public var to: String
            /// Only of transfers.
            public var fromScript: String?
        }
        public var tag: String
        public var newClasses: [String]
        public var newSQLiteClasses: [String]
        public var deletedClasses: [String]
        public var renamedClasses: [Move]
        public var transferredClasses: [Move]
    }

    public struct Service: Sendable, Equatable {
        public var binding: String
        public var service: String
        public var entrypoint: String?
        public var environment: String?
        /// What the called Worker finds as its context's `props`.
        public var props: TOMLNode?
    }

    public struct Hyperdrive: Sendable, Equatable {
        public var binding: String
        public var id: String
        /// Has a password in it as a rule. The environment variable
        /// `CLOUDFLARE_HYPERDRIVE_LOCAL_CONNECTION_STRING_<BINDING>` wins over the file.
        public var localConnectionString: Secret?
    }

    public struct RateLimit: Sendable, Equatable {
        public var name: String
        public var namespaceID: String
        public var limit: Double
        /// 10 or 60 seconds.
        public var period: Int
    }

    public struct Assets: Sendable, Equatable {
        public enum HTMLHandling: String, Sendable {
            case autoTrailingSlash = "auto-trailing-slash"
            case forceTrailingSlash = "force-trailing-slash"
            case dropTrailingSlash = "drop-trailing-slash"
            case none
        }
        public enum NotFoundHandling: String, Sendable {
            case singlePageApplication = "single-page-application"
            case notFoundPage = "404-page"
            case none
        }
        public enum WorkerFirst: Sendable, Equatable {
            case always(Bool)
            /// Rules as written; what they mean and which are refused is a matter of the asset rules.
            case routes([String])
        }
        /// As written; see `directoryPath`.
        public var directory: String?
        /// Absolute.
        public var directoryPath: String?
        public var binding: String?
        public var htmlHandling: HTMLHandling
        public var notFoundHandling: NotFoundHandling
        /// `nil` if not set.
        public var runWorkerFirst: WorkerFirst?
    }

    public struct Container: Sendable, Equatable {
        public var name: String
        public var className: String?
        /// An absolute path of a Dockerfile if `buildContext` is set, else a reference of an image.
        public var image: String
        public var buildContext: String?
        public var maxInstances: Int
        /// Unset if the size is given in numbers; see `settings`.
        public var instanceType: String?
    }

    public struct Observability: Sendable, Equatable {
        public var enabled: Bool?
        public var headSamplingRate: Double?
        public var logsEnabled: Bool?
        public var tracesEnabled: Bool?
    }

    public struct Limits: Sendable, Equatable {
        public var cpuMilliseconds: Double?
        public var subrequests: Double?
    }

    /// The cache in front of the Worker.
    public struct Cache: Sendable, Equatable {
        public var isEnabled: Bool
        /// Whether one version of the Worker serves what another one answered.
        public var isCrossVersion: Bool
    }

    public struct Placement: Sendable, Equatable {
        public var mode: String?
        public var hint: String?
        public var region: String?
        public var host: String?
        public var hostname: String?
    }

    public struct Build: Sendable, Equatable {
        /// Runs in a shell before the start and after each change.
        public var command: String?
        /// The folder the command runs in, absolute.
        public var folder: String
        /// Absolute.
        public var watchedFolders: [String]
    }

    public struct Dev: Sendable, Equatable {
        public var ip: String
        /// Unset: 8787, or the next that is free.
        public var port: Int?
        public var inspectorIP: String?
        public var inspectorPort: Int?
        /// `http` or `https`.
        public var localProtocol: String
        public var upstreamProtocol: String
        /// The host that requests seem to be for; else that of the first route.
        public var host: String?
        public var enableContainers: Bool
        public var containerEngine: String?
    }
}
