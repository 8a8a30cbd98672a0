// swift-tools-version: 6.2
import PackageDescription

/// Release builds skip the run-time exclusivity checks: on the request path they cost more than the parsing does.
/// Debug and test builds keep them.
let hotPath: [SwiftSetting] = [
    .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))
]

let package = Package(
    name: "lilypad",
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-certificates", exact: "1.21.1"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-structured-headers", exact: "1.7.0"),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-http2", exact: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/swift-server/async-http-client", exact: "1.37.0"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", exact: "1.0.2"),
    ],
    targets: [
        // C libraries from Debian.
        .systemLibrary(name: "CCMarkGFM", providers: [.apt(["libcmark-gfm-dev", "libcmark-gfm-extensions-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CBrotli", pkgConfig: "libbrotlienc", providers: [.apt(["libbrotli-dev"])]),

        // Linux calls that Swift does not import.
        .systemLibrary(name: "CLinux"),

        // Pure modules: decisions in values, no sockets, no clocks.
        .target(
            name: "HTTPCaching",
            dependencies: [
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "RawStructuredFieldValues", package: "swift-http-structured-headers"),
            ]),
        .target(
            name: "Workers",
            dependencies: [
                "HTTPCaching",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ]),

        // Signatures, chunked bodies, checksums and XML of the S3 API, for the emulator's server and for clients of stores.
        .target(name: "S3Protocol", dependencies: [.product(name: "Crypto", package: "swift-crypto")]),

        .target(name: "WorkersTesting", dependencies: ["Workers"]),
        .target(name: "StaticAssets", dependencies: [.product(name: "Crypto", package: "swift-crypto")]),
        .target(name: "WranglerConfig"),

        // Engines: sockets, processes, files.
        .target(name: "FileWatcher"),
        .target(
            name: "EdgeServer",
            dependencies: [
                "CBrotli", "CLinux", "CZlib", "HTTPCaching", "StaticAssets", "Workers",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTP2", package: "swift-nio-http2"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "X509", package: "swift-certificates"),
            ],
            swiftSettings: hotPath
        ),
        .target(
            name: "EdgeEmulator",
            dependencies: [
                "EdgeServer", "FileWatcher", "HTTPCaching", "S3Protocol", "StaticAssets", "Workers", "WranglerConfig",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: hotPath
        ),
        .target(
            name: "SiteBuilder",
            dependencies: [
                "CBrotli", "CCMarkGFM", "CLinux", "CZlib", "StaticAssets", "WranglerConfig", "Yams",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            // The Bun worker, the highlighter, and what set-up generates packages from.
            resources: [.copy("Resources")],
            swiftSettings: hotPath
        ),

        // The application's Worker. It imports Workers and nothing that does I/O.
        .target(name: "LilypadWorker", dependencies: ["Workers"], path: "edge", exclude: ["shim.js"]),

        // Commands.
        .executableTarget(
            name: "lilypad",
            dependencies: [
                "EdgeEmulator", "EdgeServer", "FileWatcher", "SiteBuilder", "WranglerConfig",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            // The browser's side of `lilypad dev`.
            resources: [.copy("Resources/browser")],
            swiftSettings: hotPath
        ),
        .target(
            name: "EdgeCommands",
            dependencies: [
                "EdgeEmulator", "EdgeServer", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .executableTarget(
            name: "lilypad-edge", dependencies: ["EdgeCommands", "EdgeEmulator", "LilypadWorker"],
            swiftSettings: hotPath),
        // Workers for tests and benchmarks, in a runtime of their own.
        .executableTarget(
            name: "example-edge",
            dependencies: [
                "EdgeCommands", "EdgeEmulator", "ThreeWaysWorker", "Workers",
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
            ],
            path: "Tests/ExampleWorker",
            swiftSettings: hotPath),

        // The Worker that is run in memory, by the emulator and behind a proxy, with equal answers.
        .target(
            name: "ThreeWaysWorker", dependencies: ["Workers", .product(name: "Crypto", package: "swift-crypto")],
            path: "Tests/ThreeWays/Worker"),
        .testTarget(
            name: "ThreeWaysTests",
            dependencies: [
                "ThreeWaysWorker", "Workers", "WorkersTesting", .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ],
            path: "Tests/ThreeWays/Suite"),

        .testTarget(name: "FileWatcherTests", dependencies: ["FileWatcher"]),
        .testTarget(
            name: "HTTPCachingTests",
            dependencies: ["HTTPCaching", .product(name: "HTTPTypes", package: "swift-http-types")]),
        .testTarget(name: "WorkersTests", dependencies: ["Workers", "WorkersTesting"]),
        .testTarget(name: "LilypadWorkerTests", dependencies: ["LilypadWorker", "Workers", "WorkersTesting"]),
        // The code of the documentation's guide, and the check that the guide has no other.
        .testTarget(
            name: "GuideTests",
            dependencies: ["Workers", "WorkersTesting", .product(name: "HTTPTypes", package: "swift-http-types")]),
        // One set of tests for every implementation of a binding.
        .testTarget(
            name: "BindingTests",
            dependencies: [
                "EdgeEmulator", "EdgeServer", "Workers", "WorkersTesting",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]),
        .testTarget(
            name: "S3ProtocolTests", dependencies: ["S3Protocol", .product(name: "Crypto", package: "swift-crypto")]),
        .testTarget(name: "StaticAssetsTests", dependencies: ["StaticAssets"]),
        .testTarget(name: "WranglerConfigTests", dependencies: ["WranglerConfig"]),
        .testTarget(
            name: "EdgeServerTests",
            dependencies: [
                "CBrotli", "CZlib", "EdgeServer", "HTTPCaching", "StaticAssets", "Workers", "WorkersTesting",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"), .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTP2", package: "swift-nio-http2"),
                .product(name: "NIOPosix", package: "swift-nio"), .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "X509", package: "swift-certificates"),
            ]),
        // Every parser that is ours, fed with mutated input for a bounded time (`make fuzz` for longer).
        .testTarget(
            name: "FuzzTests",
            dependencies: [
                "EdgeEmulator", "EdgeServer", "HTTPCaching", "S3Protocol", "StaticAssets", "Workers",
                "WranglerConfig",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
            ]),
        .testTarget(
            name: "EdgeEmulatorTests",
            dependencies: [
                "EdgeEmulator", "EdgeServer", "FileWatcher", "Workers",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"), .product(name: "NIOCore", package: "swift-nio"),
            ]),
        .testTarget(
            name: "SiteBuilderTests", dependencies: ["SiteBuilder", "StaticAssets"], exclude: ["Fixtures"]),
        .testTarget(
            name: "LilypadTests",
            dependencies: [
                "lilypad", "EdgeServer", "SiteBuilder",
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
            ]),
    ]
)
