import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// The process that listens on a TCP port, as far as `/proc` shows it to this user.
public struct PortHolder: Sendable, Equatable {
    public var process: Int
    public var name: String

    /// Looks through `/proc/net/tcp` for the socket and through the processes' descriptors for its owner.
    public static func find(port: Int) -> PortHolder? {
        // The kernel writes the table in pieces; where sockets come and go between two of them, a line can be left out.
        var sockets: Set<String> = []
        for _ in 0..<5 where sockets.isEmpty { sockets = listeningSockets(port: port) }
        guard !sockets.isEmpty else { return nil }
        for entry in entries("/proc") {
            guard let process = Int(entry) else { continue }
            for descriptor in entries("/proc/\(process)/fd") {
                let target = link("/proc/\(process)/fd/\(descriptor)")
                guard let target, sockets.contains(target) else { continue }
                let name = (try? String(contentsOfFile: "/proc/\(process)/comm", encoding: .utf8)) ?? "a process"
                return PortHolder(process: process, name: name.trimmingCharacters(in: .whitespacesAndNewlines))
            }
        }
        return nil
    }

    /// The link targets (`socket:[inode]`) of the sockets that listen on a port.
    private static func listeningSockets(port: Int) -> Set<String> {
        var found: Set<String> = []
        let suffix =
            ":" + String(repeating: "0", count: max(0, 4 - String(port, radix: 16).count))
            + String(port, radix: 16, uppercase: true)
        for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
            let text = (try? String(contentsOfFile: table, encoding: .utf8)) ?? ""
            for line in text.split(separator: "\n").dropFirst() {
                // Columns: slot, local address, remote address, state (0A listens), …, inode at the tenth place.
                let columns = line.split(separator: " ", omittingEmptySubsequences: true)
                if columns.count > 9, columns[3] == "0A", columns[1].hasSuffix(suffix) {
                    found.insert("socket:[\(columns[9])]")
                }
            }
        }
        return found
    }

    /// Processes come and go while their folder is read, so each name is taken as it comes.
    private static func entries(_ path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            names.append(name)
        }
        return names
    }

    private static func link(_ path: String) -> String? {
        var buffer = [CChar](repeating: 0, count: 256)
        let count = readlink(path, &buffer, buffer.count - 1)
        return count > 0 ? String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
    }
}
