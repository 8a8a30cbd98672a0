import Foundation

/// A lock that two set-ups of the same folder share, and that the kernel drops with the process.
struct SetupLock {
    private let descriptor: Int32

    /// Waits until the lock is free.
    ///
    /// - Parameter whenBusy: called once if somebody else holds it.
    static func acquire(_ path: String, whenBusy: () -> Void) async throws -> SetupLock {
        // Close-on-exec, or a process that set-up starts would keep the lock beyond it.
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw Diagnostic(file: path, message: "The file cannot be written: \(String(cString: strerror(errno))).")
        }
        var announced = false
        // Asking again rather than blocking in flock: a blocked thread could not be cancelled.
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            if !announced { whenBusy() }
            announced = true
            do {
                try await Task.sleep(for: .milliseconds(100))
            } catch {
                close(descriptor)
                throw error
            }
        }
        return SetupLock(descriptor: descriptor)
    }

    func release() { close(descriptor) }
}
