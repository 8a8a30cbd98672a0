import EdgeCommands
import EdgeEmulator
import ThreeWaysWorker

/// The runtime with Workers that exist for tests and benchmarks only.
@main
struct ExampleEdge {
    static func main() async {
        await EdgeProgram(
            name: "example-edge", version: "0.0.0",
            workers: [
                "everything": LinkedWorker(Everything.self),
                "file-store": LinkedWorker(FileStore.self),
                "greeter": LinkedWorker(Greeter.self),
                "hello": LinkedWorker(Hello.self),
                "kv-store": LinkedWorker(KVStore.self),
                "ledger": LinkedWorker(Ledger.self),
                "sampler": LinkedWorker(Sampler.self),
                "redis-store": LinkedWorker(RedisStore.self),
            ]
        ).run()
    }
}
