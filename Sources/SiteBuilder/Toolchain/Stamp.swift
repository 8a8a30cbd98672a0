import Crypto
import Foundation
import StaticAssets

/// A file inside a made folder that says what the folder was made from.
struct Stamp: Sendable {
    var path: String

    func matches(_ fingerprint: String) -> Bool {
        (try? String(contentsOfFile: path, encoding: .utf8)) == fingerprint + "\n"
    }

    func write(_ fingerprint: String) throws {
        try Data((fingerprint + "\n").utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}

/// The SHA-256 of named inputs, in the order they are added.
struct Fingerprint {
    private var hash = SHA256()

    mutating func add(_ name: String, _ bytes: Data) {
        // The length keeps ("a", "bc") and ("ab", "c") apart.
        hash.update(data: Data("\(name)\n\(bytes.count)\n".utf8))
        hash.update(data: bytes)
    }

    mutating func add(file path: String, as name: String) throws {
        add(name, try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    func hex() -> String { Hexadecimal.text(Array(hash.finalize())) }
}
