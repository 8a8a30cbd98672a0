import EdgeServer

/// The command line of `lilypad-edge serve`, as values.
package struct OriginOptions: Sendable {
    /// What it has in common with the emulator.
    package var engine: EmulatorOptions
    /// Who is believed about who the clients are.
    package var clients = ClientRules.direct
    /// `nil` for plain HTTP.
    package var tls: TLSOptions?
    /// `--grace`: the time from the signal to the end.
    package var grace = Duration.seconds(10)

    package init(_ engine: EmulatorOptions) {
        self.engine = engine
        self.engine.stage = .production
        self.engine.measuresLimits = false
    }
}

/// Where the bindings of a Worker that is served keep what they store.
package enum Provider: String, Sendable, CaseIterable {
    case local
    case aws
    case cloudflare

    /// What to say to somebody who asks for one that there is no way to serve from yet.
    package var refusal: String? {
        self == .local
            ? nil
            : "--provider \(rawValue) cannot be served from: bindings are kept on this machine only, which is "
                + "--provider local with --persist-to."
    }
}
