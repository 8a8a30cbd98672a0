// swift-tools-version: 6.2
import PackageDescription

/// Release builds skip the run-time exclusivity checks: on the request path they cost more than the parsing does.
/// Debug and test builds keep them.
let hotPath: [SwiftSetting] = [
    .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))
]

let package = Package(
    name: "lilypad",
    targets: [
        // C libraries from Debian.
        .systemLibrary(name: "CCMarkGFM", providers: [.apt(["libcmark-gfm-dev", "libcmark-gfm-extensions-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CBrotli", pkgConfig: "libbrotlienc", providers: [.apt(["libbrotli-dev"])]),

        // Engines: sockets, processes, files.
        .target(
            name: "SiteBuilder",
            dependencies: [
                "CCMarkGFM", "CZlib", "CBrotli"
            ],
            swiftSettings: hotPath
        ),

        .testTarget(name: "SiteBuilderTests", dependencies: ["SiteBuilder"]),
    ]
)
