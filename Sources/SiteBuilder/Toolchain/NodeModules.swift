import Foundation

/// `site/node_modules` as set-up makes it where npm has not: packages under their npm names, so that the site's source
/// and its `tsconfig.json` are the same with either.
///
/// React comes from ``ReactWheel``, its declarations and Fast Refresh from Debian, TanStack's names lead to
/// `site/standins/`, and `Resources/Toolchain/node_modules` holds what is ours: package files, the JSX runtime, the
/// declarations of React DOM.
struct NodeModules: Sendable {
    static let npmNote = "site/node_modules came from npm and is used as it is"

    private let context: SetupContext

    init(_ context: SetupContext) { self.context = context }

    enum Origin: Equatable {
        /// There is no site to make it for.
        case noSite
        case absent
        /// Made by set-up, now or by an earlier version.
        case generated
        case npm
        /// Neither ours nor usable.
        case incomplete
    }

    /// Who made the folder that is there.
    var origin: Origin {
        let files = FileManager.default
        guard files.fileExists(atPath: context.projectRoot + "/site") else { return .noSite }
        if files.fileExists(atPath: marker.path) { return .generated }
        let entries = (try? files.contentsOfDirectory(atPath: context.nodeModules)) ?? []
        if entries.isEmpty { return .absent }
        return files.fileExists(atPath: context.nodeModules + "/react/package.json") ? .npm : .incomplete
    }

    var step: SetupStep {
        SetupStep(
            title: "site/node_modules",
            isDone: { [self] in marker.matches(try fingerprint()) },
            run: { [self] in try generate() })
    }

    private var marker: Stamp { Stamp(path: context.nodeModules + "/.lilypad-generated") }

    // MARK: - What it is made from

    /// Changes with everything that decides the result, except the content of the stand-ins: those are linked.
    private func fingerprint() throws -> String {
        var fingerprint = Fingerprint()
        // Raised when this code makes something else of the same inputs.
        fingerprint.add("generator", Data("1".utf8))
        fingerprint.add("react", Data(try ReactWheel(context).fingerprint().utf8))
        for name in try files(below: context.resources) {
            try fingerprint.add(file: context.resources + "/" + name, as: name)
        }
        for name in [DebianModules.reactTypes] + DebianModules.copies {
            // Absent means that the system check is about to say so.
            fingerprint.add(name, FileManager.default.contents(atPath: context.debianModules + "/" + name) ?? Data())
        }
        fingerprint.add(
            "stand-ins", Data(try standIns().map { "\($0.name)=\($0.folder)" }.joined(separator: "\n").utf8))
        return fingerprint.hex()
    }

    private func files(below folder: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: folder)
            .filter { name in
                var isFolder: ObjCBool = false
                return FileManager.default.fileExists(atPath: folder + "/" + name, isDirectory: &isFolder)
                    && !isFolder.boolValue
            }
            .sorted()
    }

    /// Our packages with TanStack's API: the folder below `site/standins`, and the npm name that its `package.json` gives.
    private func standIns() throws -> [(folder: String, name: String)] {
        struct Package: Decodable { var name: String }
        let root = context.projectRoot + "/site/standins"
        let folders = ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []).sorted()
        return try folders.compactMap { folder in
            let place = "site/standins/\(folder)/package.json"
            guard let data = FileManager.default.contents(atPath: context.projectRoot + "/" + place) else { return nil }
            guard let package = try? JSONDecoder().decode(Package.self, from: data), !package.name.isEmpty else {
                throw Diagnostic(file: place, message: "The file must be JSON with a \"name\".")
            }
            return (folder, package.name)
        }
    }

    // MARK: - Making it

    /// Builds the whole folder beside the old one and exchanges them, so that nobody ever sees half of it.
    private func generate() throws {
        let files = FileManager.default
        // In the project, for the final rename must not cross file systems; ignored by git, and not watched.
        let work = context.projectRoot + "/.lilypad/node_modules.partial"
        try? files.removeItem(atPath: work)
        try files.createDirectory(atPath: context.projectRoot + "/.lilypad", withIntermediateDirectories: true)
        defer { try? files.removeItem(atPath: work) }

        try files.copyItem(atPath: context.resources + "/node_modules", toPath: work)
        try writeReact(to: work)
        try writeTypes(to: work)
        try copyDebian(to: work)
        try linkStandIns(in: work)
        try Stamp(path: work + "/.lilypad-generated").write(try fingerprint())

        let old = context.projectRoot + "/.lilypad/node_modules.old"
        try? files.removeItem(atPath: old)
        if files.fileExists(atPath: context.nodeModules) {
            try files.moveItem(atPath: context.nodeModules, toPath: old)
        }
        try files.moveItem(atPath: work, toPath: context.nodeModules)
        try? files.removeItem(atPath: old)
    }

    private func writeReact(to root: String) throws {
        let wheel = ReactWheel(context).folder
        for (package, production) in [("react", "react.production.js"), ("react-dom", "react-dom-all.production.js")] {
            let source = "\(wheel)/\(package)@\(ReactWheel.version)"
            let target = "\(root)/\(package)/cjs"
            try write(try bytes(source + ".min.js"), to: target + "/" + production)
            let modules: [String: [UInt8]]
            do {
                modules = try WebpackModules.recover(from: try bytes(source + ".js"))
            } catch let error as WebpackModules.Unrecognised {
                throw Diagnostic(
                    file: source + ".js",
                    message: "React cannot be taken out of its bundle: in \(error.module), \(error.reason).",
                    hint: "The pin in requirements-react.txt names a release that is built differently.")
            }
            for (name, module) in modules { try write(module, to: target + "/" + name) }
        }
        // The wheel names only its own licence. React's asks that its notice goes with every copy.
        let license = try bytes(context.resources + "/react-license.txt")
        for package in ["react", "react-dom", "react-refresh"] {
            try write(license, to: "\(root)/\(package)/LICENSE")
        }
    }

    private func writeTypes(to root: String) throws {
        let source = context.debianModules + "/" + DebianModules.reactTypes
        let list = String(decoding: try bytes(context.resources + "/react-types.edits"), as: UTF8.self)
        let additions = try bytes(context.resources + "/react-additions.d.ts")
        do {
            let edited = try TextEdits(parsing: list).apply(to: try bytes(source))
            try write(edited + additions, to: root + "/@types/react/index.d.ts")
        } catch let misfit as TextEdits.Misfit {
            throw Diagnostic(
                file: source,
                message:
                    "The declarations of React have changed: \"\(misfit.edit)\" occurs \(misfit.occurrences) times.",
                hint: "Install node-react from Debian 12, or run `npm install` in site/.")
        }
    }

    private func copyDebian(to root: String) throws {
        for copy in DebianModules.copies {
            try write(try bytes(context.debianModules + "/" + copy), to: root + "/" + copy)
        }
    }

    /// Links rather than copies: an edit in a stand-in counts at once, and since the tools follow the link, its own
    /// `import 'react'` is looked up from `site/standins` and finds this folder.
    private func linkStandIns(in root: String) throws {
        for standIn in try standIns() {
            let path = URL(fileURLWithPath: root + "/" + standIn.name)
            try FileManager.default.createDirectory(
                at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
            let up = String(repeating: "../", count: standIn.name.split(separator: "/").count)
            try FileManager.default.createSymbolicLink(
                atPath: path.path, withDestinationPath: up + "standins/" + standIn.folder)
        }
    }

    private func bytes(_ path: String) throws -> [UInt8] {
        do {
            return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        } catch {
            throw Diagnostic(
                file: path, message: "The file is missing, though set-up needs it.",
                hint:
                    "Reinstall the Debian package it belongs to, or remove the toolchain folder and run `lilypad setup` again."
            )
        }
    }

    private func write(_ bytes: [UInt8], to path: String) throws {
        let url = URL(fileURLWithPath: path)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
    }
}
