import Foundation

/// The kind of machine this is.
struct Platform: Sendable, Equatable {
    var system: String
    var machine: String

    static var current: Platform {
        var name = utsname()
        uname(&name)
        return Platform(system: text(&name.sysname), machine: text(&name.machine))
    }

    private static func text<T>(_ field: inout T) -> String {
        withUnsafeBytes(of: &field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}

/// Whether this machine can be set up, found out before anything is written.
struct SystemCheck {
    private let context: SetupContext

    init(_ context: SetupContext) { self.context = context }

    /// - Throws: one `Diagnostic` for all that is missing, with the line that installs it.
    func verify() throws {
        guard context.platform == Platform(system: "Linux", machine: "x86_64") else {
            throw Diagnostic(
                file: "lilypad setup",
                message:
                    "The pinned tools exist for Linux on x86-64 only, and this is \(context.platform.system) on \(context.platform.machine).",
                hint: "Use a Debian 12 machine, container or virtual machine on x86-64.")
        }
        let packages = missingPackages
        guard packages.isEmpty else {
            let line = "apt-get install -y --no-install-recommends " + packages.joined(separator: " ")
            throw Diagnostic(
                file: "lilypad setup", message: "Debian packages are missing: \(packages.joined(separator: ", ")).",
                hint: "Run `\(context.isRoot ? "" : "sudo ")\(line)`.")
        }
    }

    private var missingPackages: [String] {
        var packages: [String] = []
        if let python = context.python {
            if !hasVenv(python) { packages.append("python3-venv") }
        } else {
            packages += ["python3", "python3-venv"]
        }
        if !context.chromiums.contains(where: FileManager.default.isExecutableFile) { packages.append("chromium") }
        let origin = NodeModules(context).origin
        if origin == .absent || origin == .generated {
            packages += DebianModules.all
                .filter { !FileManager.default.fileExists(atPath: context.debianModules + "/" + $0.witness) }
                .map(\.package)
        }
        return packages
    }

    /// Debian splits `ensurepip`, without which `python3 -m venv` fails half-way, into a package of its own.
    private func hasVenv(_ python: String) -> Bool {
        let prefix = URL(fileURLWithPath: python).deletingLastPathComponent().deletingLastPathComponent().path
        let libraries = (try? FileManager.default.contentsOfDirectory(atPath: prefix + "/lib")) ?? []
        return libraries.contains { name in
            name.hasPrefix("python3")
                && FileManager.default.fileExists(atPath: "\(prefix)/lib/\(name)/ensurepip/__init__.py")
        }
    }
}

/// What the generated packages take from Debian.
enum DebianModules {
    /// A Debian package and a file that shows it is there, relative to the folder of JavaScript packages.
    static let all = [
        (package: "node-react", witness: reactTypes),
        (package: "node-csstype", witness: "csstype/index.d.ts"),
        (package: "node-react-refresh", witness: "react-refresh/runtime.js"),
    ]

    /// The declarations of React 18, which are edited.
    static let reactTypes = "@types/react/index.d.ts"

    /// What is copied as it is, to the same place below `node_modules`.
    static let copies = [
        "@types/react/global.d.ts",
        "csstype/index.d.ts",
        "csstype/package.json",
        "react-refresh/package.json",
        "react-refresh/runtime.js",
        "react-refresh/cjs/react-refresh-runtime.development.js",
        "react-refresh/cjs/react-refresh-runtime.production.min.js",
    ]
}
