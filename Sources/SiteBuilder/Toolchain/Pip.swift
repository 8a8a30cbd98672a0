import Foundation

/// pip, patient with the network and brief about what went wrong.
struct Pip: Sendable {
    private let context: SetupContext
    private let python: String

    init(_ context: SetupContext, python: String) {
        self.context = context
        self.python = python
    }

    /// Runs a pip command up to three times. Settings of the machine (a mirror, a proxy, certificates) apply as they
    /// do to any pip.
    func run(_ command: [String]) async throws {
        // -I keeps PYTHONPATH and packages in the home folder out of it.
        let arguments =
            ["-I", "-m", "pip"] + command + [
                "--quiet", "--no-input", "--disable-pip-version-check", "--retries", "5", "--timeout", "60",
            ]
        for attempt in 1...3 {
            let outcome = try await context.execute(python, arguments)
            if outcome.succeeded { return }
            let failure = Failure(outcome.output)
            guard failure.isTemporary, attempt < 3 else { throw failure.diagnostic(attempts: attempt) }
            try await Task.sleep(for: context.retryDelay * attempt)
        }
    }

    /// What pip's output means for the person who waits.
    struct Failure {
        enum Kind { case network, noRelease, tampered, disk, other }
        let kind: Kind
        private let said: String

        init(_ output: String) {
            let marks: [(Kind, [String])] = [
                (.tampered, ["DO NOT MATCH THE HASHES"]),
                (.disk, ["No space left on device", "Permission denied", "Read-only file system"]),
                (
                    .network,
                    [
                        "NewConnectionError", "ConnectionError", "ConnectionResetError", "ProtocolError",
                        "Read timed out",
                        "ReadTimeoutError", "IncompleteRead", "name resolution", "Max retries exceeded", "SSLError",
                        "ProxyError", "HTTPError", "connection broken",
                    ]
                ),
                // Last: without a network pip finds no version either.
                (.noRelease, ["No matching distribution found"]),
            ]
            let kind = marks.first { $0.1.contains(where: output.contains) }?.0 ?? .other
            let errors = output.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("ERROR:") }
            // The last error is what stopped it, except that without a network it ends with "no such release".
            let consequences = ["No matching distribution", "Could not find a version"]
            let telling = errors.last { error in kind != .network || !consequences.contains(where: error.contains) }
            self.kind = kind
            said =
                telling.map { $0.dropFirst(6).trimmingCharacters(in: .whitespaces) }
                ?? (kind == .network ? "no connection" : output.lastLine)
        }

        /// Whether asking again may help.
        var isTemporary: Bool { kind == .network || kind == .other }

        func diagnostic(attempts: Int) -> Diagnostic {
            let (message, hint): (String, String?) =
                switch kind {
                case .network:
                    (
                        "The Python package index cannot be reached (tried \(attempts) times): \(said)",
                        "Check the network and pip's proxy or mirror settings, then run `lilypad setup` again; finished steps are kept."
                    )
                case .noRelease:
                    (
                        "The Python package index has no release of a pinned tool for this Python: \(said)",
                        "Check the network and pip's mirror settings; the pins fit Python 3.11 to 3.13."
                    )
                case .tampered:
                    (
                        "A downloaded package is not the one that was pinned, so nothing of it was installed: \(said)",
                        "Check the mirror that pip is set to; a changed pin belongs into the requirements file, with its hash."
                    )
                case .disk:
                    ("The tools cannot be written: \(said)", "Check free space and the owner of the toolchain folder.")
                case .other: ("pip failed: \(said)", nil)
                }
            return Diagnostic(file: "lilypad setup", message: message, hint: hint)
        }
    }
}
