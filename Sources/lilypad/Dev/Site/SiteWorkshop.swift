import SiteBuilder

/// What a session needs of the site. ``LiveSite`` is the real one; tests put others in its place.
protocol SiteWorkshop: Sendable {
    /// The configuration in force.
    var configuration: SiteConfiguration { get async }

    /// Reads the configuration again and forgets everything that was made with the old one.
    ///
    /// - Throws: `BuildFailure`; the old configuration then stays.
    func reconfigure() async throws

    /// What these changes mean for open pages. Those that cannot be delivered are kept for the next call.
    func update(after paths: [String]) async -> DevModules.Update

    /// Compiles the stylesheet.
    ///
    /// - Returns: how its URL changes, or `nil` when it is what it was.
    /// - Throws: `BuildFailure`.
    func refreshStyles() async throws -> DevMessage.StyleSwap?

    /// Makes the bundle and writes what changed of it.
    ///
    /// - Parameter onlyPages: whether nothing but pages of the documentation has changed.
    /// - Throws: `BuildFailure` or `Diagnostic`; the bundle on disk then stays.
    func write(onlyPages: Bool) async throws -> IncrementalOutput.Changes

    /// - Throws: `BuildFailure` with the type errors.
    func checkTypes() async throws
}
