import EdgeCommands
import EdgeEmulator
import LilypadWorker

/// The runtime. The Workers that it can run are linked in and registered here by name.
@main
struct LilypadEdge {
    static func main() async {
        let program = EdgeProgram(
            name: "lilypad-edge", version: LilypadWorker.version, workers: ["lilypad": LinkedWorker(LilypadWorker.self)]
        )
        await program.run()
    }
}
