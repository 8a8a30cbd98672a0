import Testing
import Workers

@Suite struct HyperdriveTests {
    @Test func `a connection string is taken apart`() throws {
        let hyperdrive = try Hyperdrive("postgres://ada:p%40ss%3Aword@db.example:6543/app%20one?sslmode=require")
        #expect(hyperdrive.user == "ada")
        #expect(hyperdrive.password == "p@ss:word")
        #expect(hyperdrive.host == "db.example")
        #expect(hyperdrive.port == 6543)
        #expect(hyperdrive.database == "app one")
    }

    @Test func `what may be left out has its usual value`() throws {
        let hyperdrive = try Hyperdrive("postgresql://ada@[::1]/app")
        #expect(hyperdrive.host == "::1")
        #expect(hyperdrive.port == 5432)
        #expect(hyperdrive.password == "")
        #expect("\(try Hyperdrive("postgres://u:secret@h/d"))" == "Hyperdrive(h:5432/d)")
    }

    @Test(arguments: [
        ("mysql://a@b/c", "has to begin with"), ("postgres://a@b", "names no database"), ("postgres://b/c", "no user"),
        ("postgres://a@/c", "no host"), ("postgres://a@b:x/c", "a port that is none"),
        ("postgres://a:secret@b:70000/c", "a port that is none"),
    ])
    func `what is missing is said, and nothing is quoted`(text: String, part: String) {
        let error = #expect(throws: WorkersError.self) { try Hyperdrive(text) }
        #expect(error?.message.contains(part) == true)
        #expect(error?.message.contains("secret") == false)
    }
}
