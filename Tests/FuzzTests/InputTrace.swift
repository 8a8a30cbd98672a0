#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The input that is being parsed, in a file that a crash leaves behind. The file is mapped, so noting one costs a copy.
final class InputTrace {
    private static let size = 1 << 20
    private let memory: UnsafeMutableRawPointer

    /// - Parameter name: of the test; everything but letters and digits becomes a dash.
    init?(folder: String, name: String) {
        let file = folder + "/" + String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" })
        let descriptor = open(file, O_RDWR | O_CREAT | O_TRUNC, 0o644)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        guard ftruncate(descriptor, off_t(InputTrace.size)) == 0,
            let memory = mmap(nil, InputTrace.size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0),
            memory != MAP_FAILED
        else { return nil }
        self.memory = memory
    }

    deinit { munmap(memory, InputTrace.size) }

    /// Eight bytes of length, then the input.
    func note(_ input: [UInt8]) {
        let count = min(input.count, InputTrace.size - 8)
        memory.storeBytes(of: UInt64(count), as: UInt64.self)
        input.withUnsafeBytes {
            (memory + 8).copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(memory), byteCount: count)
        }
    }
}
