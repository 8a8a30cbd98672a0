import ArgumentParser
import EdgeEmulator
import Foundation
import Workers

struct State: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows, keeps, restores, empties and fills what the bindings have stored.",
        discussion: """
            Works while an emulator runs, through it, and without one. Snapshots lie in .lilypad/snapshots beside the \
            state folder.
            """,
        subcommands: [List.self, Snapshot.self, Restore.self, Remove.self, Clear.self, Seed.self],
        defaultSubcommand: List.self)
}

/// Which state a command is about.
struct StateFlags: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The configuration file; searched upward from here if not given. Further ones as for emulate.",
            valueName: "file"))
    var config: [String] = []

    @Option(
        name: [.customShort("e"), .long], help: ArgumentHelp("The environment of the configuration.", valueName: "name")
    )
    var env: String?

    @Option(
        name: .customLong("persist-to"),
        help: ArgumentHelp(
            "The state folder; .lilypad/state beside the configuration if not given.", valueName: "folder"))
    var persistTo: String?

    /// Opens the state, asks it, and says what went wrong in one sentence.
    func run(_ body: (StateAccess) async throws -> Void) async throws {
        var options = EmulatorOptions(
            currentFolder: FileManager.default.currentDirectoryPath, process: ProcessInfo.processInfo.environment)
        options.config = config.first
        options.furtherConfigs = Array(config.dropFirst())
        options.environment = env
        options.persistTo = persistTo
        do {
            let access = try await StateAccess(options)
            do {
                try await body(access)
            } catch {
                await access.close()
                throw error
            }
            await access.close()
        } catch let exit as ExitCode {
            throw exit
        } catch {
            let sentence = (error as? Problem)?.message ?? "\(error)"
            FileHandle.standardError.write(Data("\(sentence)\n".utf8))
            throw ExitCode.failure
        }
    }
}

extension State {
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the parts of the state and its snapshots.")

        @OptionGroup var state: StateFlags

        @Flag(help: "Prints one JSON object.")
        var json = false

        func run() async throws {
            try await state.run { access in
                let overview = try await access.overview()
                print(json ? StateReport.json(overview) : StateReport.text(overview, holder: access.holder))
            }
        }
    }

    struct Snapshot: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Keeps a copy of the whole state, of one moment.")

        @OptionGroup var state: StateFlags

        @Argument(help: "What to call it; the time of day if not given.")
        var name: String?

        func run() async throws {
            try await state.run { access in
                let made = try await access.snapshot(name)
                print("Snapshot \(made.name): \(StateReport.size(made.bytes))")
            }
        }
    }

    struct Restore: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Replaces the whole state by that of a snapshot, at one moment.")

        @OptionGroup var state: StateFlags

        @Argument(help: "The snapshot.")
        var name: String

        func run() async throws {
            try await state.run { access in
                try await access.restore(name)
                print("Restored \(name)")
            }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Removes a snapshot.")

        @OptionGroup var state: StateFlags

        @Argument(help: "The snapshot.")
        var name: String

        func run() async throws {
            try await state.run { access in
                try await access.removeSnapshot(name)
                print("Removed \(name)")
            }
        }
    }

    struct Clear: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Removes what is stored, in all parts or in some.")

        @OptionGroup var state: StateFlags

        @Option(
            help: ArgumentHelp(
                "A part as list names it: kv, r2, queues, cache, responses, ratelimits. May be repeated.",
                valueName: "name"))
        var part: [String] = []

        @Flag(name: .shortAndLong, help: "Does not ask.")
        var yes = false

        func run() async throws {
            let what = part.isEmpty ? "the whole state" : part.joined(separator: ", ")
            guard yes || isConfirmed(what) else { throw ExitCode.failure }
            try await state.run { access in
                try await access.clear(part.isEmpty ? nil : part)
                print("Cleared \(what)")
            }
        }

        /// Nobody is asked who cannot answer.
        private func isConfirmed(_ what: String) -> Bool {
            guard isatty(0) == 1 else {
                FileHandle.standardError.write(Data("Nothing was cleared; say --yes to clear \(what).\n".utf8))
                return false
            }
            FileHandle.standardOutput.write(Data("Clear \(what)? [y/N] ".utf8))
            return ["y", "yes"].contains((readLine() ?? "").lowercased())
        }
    }

    struct Seed: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Fills the state from a JSON file, or refuses the file and writes nothing.")

        @OptionGroup var state: StateFlags

        @Argument(help: "The seed file.")
        var file: String

        func run() async throws {
            try await state.run { access in
                let counts = try await access.seed(file: file)
                print("Written: kv \(counts.kv), r2 \(counts.r2), queues \(counts.queues)")
            }
        }
    }
}
