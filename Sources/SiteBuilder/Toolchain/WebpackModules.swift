import Foundation

/// Recovers CommonJS modules from a file that webpack built with `devtool: "eval"`.
///
/// Such a file keeps every module whole, as a JSON string given to `eval`. Running it like that needs a content security
/// policy that allows `eval`, and hides the modules from source maps; taken out of the string they are files again:
///
///     /***/ "./node_modules/react/cjs/react.development.js"
///     …
///     eval("{…the module…\n\n//# sourceURL=webpack://…?\n}");
enum WebpackModules {
    /// The modules below `node_modules/PACKAGE/cjs/`, by file name, for every package in the bundle.
    ///
    /// - Throws: `Unrecognised` if the file is not of that shape, or something of webpack would stay in a module.
    static func recover(from bundle: [UInt8]) throws -> [String: [UInt8]] {
        var modules: [String: [UInt8]] = [:]
        let header = Array("\n/***/ \"./node_modules/".utf8)
        for start in bundle.indices(of: header) {
            let pathStart = start + header.count
            guard let pathEnd = bundle.firstIndex(of: Array("\"\n".utf8), from: pathStart) else { continue }
            let path = String(decoding: bundle[pathStart..<pathEnd], as: UTF8.self)
            guard let name = path.range(of: "/cjs/").map({ String(path[$0.upperBound...]) }) else { continue }

            let opening = Array("\neval(".utf8)
            guard let evaluation = bundle.firstIndex(of: opening, from: pathEnd),
                let closing = bundle.firstIndex(of: Array(");\n".utf8), from: evaluation)
            else { throw Unrecognised(module: path, reason: "it holds no eval") }
            // JSON has no raw newline inside a string, so the literal is the rest of its line.
            let literal = Data(bundle[(evaluation + opening.count)..<closing])
            guard let source = try? JSONDecoder().decode(String.self, from: literal) else {
                throw Unrecognised(module: path, reason: "its source is not a JSON string")
            }
            modules[name] = try restore(Array(source.utf8), path: path)
        }
        guard !modules.isEmpty else { throw Unrecognised(module: "the bundle", reason: "it lists no modules") }
        return modules
    }

    struct Unrecognised: Error, Equatable {
        var module: String
        var reason: String
    }

    /// Takes webpack's changes back: its braces, its `require`, the decorations it adds for its own loader.
    private static func restore(_ evaluated: [UInt8], path: String) throws -> [UInt8] {
        guard evaluated.first == UInt8(ascii: "{"), let end = evaluated.firstIndex(of: Array("\n//# sourceURL=".utf8))
        else {
            throw Unrecognised(module: path, reason: "its source has another frame")
        }
        var source = Array(evaluated[1..<end])
        source = source.replacing(
            Array("/* module decorator */ module = __webpack_require__.nmd(module);\n".utf8), with: [])
        source = source.replacing(Array("var __webpack_unused_export__;\n".utf8), with: [])
        // webpack saw that nobody in its bundle reads React DOM's `exports.version`. React DevTools does.
        source = source.replacing(Array("__webpack_unused_export__ =".utf8), with: Array("exports.version =".utf8))
        source = restoreRequires(source)
        if source.firstIndex(of: Array("__webpack_".utf8)) != nil {
            throw Unrecognised(module: path, reason: "it depends on webpack")
        }
        while let last = source.last, last == UInt8(ascii: "\n") { source.removeLast() }
        return Array("'use strict'\n".utf8) + source + [UInt8(ascii: "\n")]
    }

    /// `__webpack_require__(/*! react */ "react")` back to `require("react")`. Bundled packages that have no folder of
    /// their own here lie beside their only reader.
    private static func restoreRequires(_ source: [UInt8]) -> [UInt8] {
        let opening = Array("__webpack_require__(/*! ".utf8)
        var result: [UInt8] = []
        var start = 0
        for index in source.indices(of: opening) {
            let nameStart = index + opening.count
            guard let nameEnd = source.firstIndex(of: Array(" */".utf8), from: nameStart),
                let close = source.firstIndex(of: Array(")".utf8), from: nameEnd)
            else { break }
            let name = String(decoding: source[nameStart..<nameEnd], as: UTF8.self)
            let target = name == "scheduler" ? "./scheduler.development.js" : name
            result += source[start..<index]
            result += Array("require(\"\(target)\")".utf8)
            start = close + 1
        }
        return result + source[start...]
    }
}
