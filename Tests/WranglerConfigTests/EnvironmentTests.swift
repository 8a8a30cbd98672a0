import Testing
import WranglerConfig

@Suite struct EnvironmentTests {
    private let base = """
        name = "app"
        main = "edge/shim.js"
        compatibility_flags = ["x"]
        routes = [{ pattern = "a.example", custom_domain = true }]
        [assets]
        directory = "./public"
        binding = "ASSETS"
        [durable_objects]
        bindings = [{ name = "ROOM", class_name = "Room" }]
        [[migrations]]
        tag = "v1"
        new_sqlite_classes = ["Room"]

        """

    @Test func `tables are inherited whole, never merged`() throws {
        let text = base + "[env.stage.assets]\ndirectory = \"./stage\"\n"
        let config = try check(text, environment: "stage").get()
        #expect(config.assets?.directoryPath == "/project/stage")
        #expect(config.assets?.binding == nil)
        #expect(config.migrations.map(\.tag) == ["v1"])
        #expect(config.compatibilityFlags == ["x"])
        #expect(config.main == "/project/edge/shim.js")
    }

    @Test func `an empty list of routes clears what would be inherited`() throws {
        let report = check(base + "[env.stage]\nroutes = []\n", environment: "stage")
        #expect(try report.get().routes == [])
        #expect(report.warnings.map(\.code) == [.notInherited])
    }

    @Test func `entries that only the top level has are named`() {
        let report = check(
            base + "[env.stage]\nroutes = []\n[env.stage.durable_objects]\nbindings = []\n", environment: "stage")
        #expect(report.warnings.map(\.code) == [.missingBindingsInEnv])
        #expect(report.warnings.first?.details["names"] == .list(["ROOM"]))
    }

    @Test func `keys of the top level are unknown inside an environment`() {
        let report = check("[env.stage]\nname = \"x\"\nkeep_vars = true\ndev = {}\n", environment: "stage")
        #expect(report.warnings.map { $0.details["fields"] } == [.list(["keep_vars", "dev"])])
    }

    @Test func `an unknown environment is an error only where there are others`() throws {
        let warned = check("name = \"app\"\n[vars]\nA = \"1\"\n", environment: "stage")
        #expect(warned.warnings.map(\.code) == [.unknownEnv])
        let config = try warned.get()
        #expect(config.name == "app-stage")
        #expect(config.vars == ["A": .string("1")])
        let refused = check("name = \"app\"\n[env.stage]\n", environment: "stag")
        #expect(refused.errors.map(\.code) == [.unknownEnv])
        #expect(refused.errors.first?.hint == "Did you mean \"stage\"?")
    }

    @Test func `an empty environment name is none`() throws {
        #expect(try check("name = \"app\"\n[env.stage]\n", environment: "").get().name == "app")
    }

    @Test func `what is wrong in an environment that is not selected stays silent`() {
        #expect(check("[env.stage]\nname = 5\n").problems.isEmpty)
    }
}
