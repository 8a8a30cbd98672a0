import EdgeServer

/// Where the dashboard of an emulator lets a browser in, for the programs that start one.
public enum DashboardAddress {
    /// - Parameters:
    ///   - services: the URL of the services port.
    ///   - credentials: the emulator's file, which exists once it runs.
    ///   - environment: may replace what the file says.
    /// - Returns: `nil` when the file cannot be read.
    public static func url(services: String, credentials: String, environment: [String: String]) -> String? {
        guard let known = try? Credentials.existing(credentials, environment: environment) ?? nil else { return nil }
        return DashboardSession(known).url(services: services)
    }
}
