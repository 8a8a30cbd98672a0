import Testing
import WranglerConfig

@Suite struct ConfigLocationTests {
    private let files = ConfigFiles.memory([
        "/home/wrangler.toml": "name = \"outer\"\n", "/home/app/wrangler.toml": "name = \"app\"\n[env.stage]\n",
        "/home/app/src/x": "", "/home/bad/wrangler.toml": "name = \"Bad\"\n",
    ])

    @Test func `the nearest file upward is taken`() throws {
        #expect(try WranglerConfig.locate(from: "/home/app/src", files: files) == "/home/app/wrangler.toml")
        #expect(try WranglerConfig.locate(from: "/home/other/deep", files: files) == "/home/wrangler.toml")
    }

    @Test func `a named file wins and is relative to the current folder`() throws {
        let path = try WranglerConfig.locate(config: "../wrangler.toml", from: "/home/app", files: files)
        #expect(path == "/home/wrangler.toml")
    }

    @Test(arguments: ["missing.toml", "src"])
    func `a named file must be a file`(name: String) {
        #expect(throws: ConfigFailure.self) {
            try WranglerConfig.locate(config: name, from: "/home/app", files: files)
        }
    }

    @Test func `no file at all is one sentence with the way out`() throws {
        let error = try #require(throws: ConfigFailure.self) {
            try WranglerConfig.locate(from: "/elsewhere", files: files)
        }
        #expect(error.problems.first?.hint == "Name the file with --config.")
    }

    @Test func `the environment of the process selects and overrides`() throws {
        let process = ["CLOUDFLARE_ENV": "stage", "CLOUDFLARE_ACCOUNT_ID": "abc"]
        let config = try WranglerConfig.load(from: "/home/app/src", process: process, files: files).get()
        #expect(config.name == "app-stage")
        #expect(config.accountID == "abc")
        #expect(config.file == "/home/app/wrangler.toml")
    }

    @Test func `problems show the file as seen from the current folder`() throws {
        let inside = try WranglerConfig.load(from: "/home/bad", process: [:], files: files)
        #expect(inside.errors.first?.file == "wrangler.toml")
        let above = try WranglerConfig.load(
            config: "../bad/wrangler.toml", from: "/home/app", process: [:], files: files)
        #expect(above.errors.first?.file == "/home/bad/wrangler.toml")
    }

    @Test func `the disk is read`() throws {
        let tests = #filePath.split(separator: "/").dropLast().joined(separator: "/")
        #expect(ConfigFiles.disk.kind("/\(tests)") == .folder)
        #expect(ConfigFiles.disk.kind(#filePath) == .file)
        #expect(ConfigFiles.disk.kind("/\(tests)/none") == nil)
        #expect(try !ConfigFiles.disk.read(#filePath).isEmpty)
    }
}
