import ArgumentParser
import EdgeEmulator
import Synchronization

/// A runtime with the Workers that are linked into it.
///
/// ```swift
/// @main struct LilypadEdge {
///     static func main() async {
///         await EdgeProgram(name: "lilypad-edge", version: "0.1.0", workers: ["lilypad": .init(LilypadWorker.self)]).run()
///     }
/// }
/// ```
public struct EdgeProgram: Sendable {
    /// As people call it on the command line.
    public var name: String
    /// The version of the application.
    public var version: String
    /// The Workers by the name that their configuration gives them. No binary is looked up at run time.
    public var workers: [String: LinkedWorker]

    public init(name: String, version: String, workers: [String: LinkedWorker]) {
        self.name = name
        self.version = version
        self.workers = workers
    }

    /// Reads the command line and does what it says. Returns when that is over, or exits.
    public func run() async {
        EdgeProgram.running.withLock { $0 = self }
        await Root.main()
    }

    /// Commands are made by the argument parser, which passes nothing on to them.
    private static let running = Mutex<EdgeProgram?>(nil)

    static var current: EdgeProgram {
        running.withLock { $0 } ?? EdgeProgram(name: "lilypad-edge", version: "0", workers: [:])
    }

    private struct Root: AsyncParsableCommand {
        static var configuration: CommandConfiguration {
            let program = EdgeProgram.current
            return CommandConfiguration(
                commandName: program.name, abstract: "Runs Workers and their site.", version: program.version,
                subcommands: [Emulate.self, Serve.self, Proxy.self, State.self])
        }
    }
}
