import Testing

@testable import SiteBuilder

@Suite struct WebpackModulesTests {
    /// A bundle with one module, in the frame that webpack writes.
    static func bundle(path: String = "./node_modules/react-dom/cjs/client.js", source: String) -> [UInt8] {
        let literal = source.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
        return Array(
            """
            (() => {
            /***/ "\(path)"
            /*!****!*\\
              !*** \(path) ***!
              \\****/
            (module, exports, __webpack_require__) {

            eval("{\(literal)\\n\\n//# sourceURL=webpack://ReactDOM/\(path)?\\n}");

            /***/ }
            })
            """.utf8)
    }

    private func recover(_ source: String) throws -> String {
        String(
            decoding: try WebpackModules.recover(from: Self.bundle(source: source))["client.js"] ?? [], as: UTF8.self)
    }

    @Test func `a module comes out as the file it was`() throws {
        #expect(
            try recover("/** notice */\nexports.a = \"\\u2026\"\n")
                == "'use strict'\n/** notice */\nexports.a = \"\\u2026\"\n")
    }

    @Test func `webpack's require becomes require, and the scheduler lies beside its reader`() throws {
        let source = """
            var S = __webpack_require__(/*! scheduler */ "./node_modules/scheduler/index.js"),
              R = __webpack_require__(/*! react */ "react");
            """
        #expect(
            try recover(source) == """
                'use strict'
                var S = require("./scheduler.development.js"),
                  R = require("react");

                """)
    }

    @Test func `the version that webpack hid is exported again`() throws {
        let source = "var __webpack_unused_export__;\n__webpack_unused_export__ = \"19.2.4\";"
        #expect(try recover(source) == "'use strict'\nexports.version = \"19.2.4\";\n")
    }

    @Test func `a module that still needs webpack is refused`() {
        #expect(throws: WebpackModules.Unrecognised(module: "react-dom/cjs/client.js", reason: "it depends on webpack"))
        {
            try recover("__webpack_public_path__ = 1")
        }
    }

    @Test func `modules outside a cjs folder are left out, and a file without any is refused`() {
        #expect(throws: WebpackModules.Unrecognised.self) {
            try WebpackModules.recover(from: Self.bundle(path: "./node_modules/react/index.js", source: "1"))
        }
    }
}
