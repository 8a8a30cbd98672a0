/// Who may call a route, as a name that the application gives meaning to.
///
/// The router carries it and enforces nothing: a middleware reads `call.route?.access`, so that the matrix in the
/// documentation and the check at run time are the same list.
/// ```swift
/// extension Access {
///     static let member = Access("member")
///     static let key = Access("key")
/// }
/// routes.get("/projects/:project/functions", about: .init("List functions", access: [.member, .key])) { … }
/// ```
public struct Access: Sendable, Hashable, CustomStringConvertible {
    public let name: String

    public init(_ name: String) { self.name = name }

    /// Anyone, without signing in.
    public static let anonymous = Access("anonymous")
    /// Anyone who has signed in.
    public static let signedIn = Access("signed in")

    public var description: String { name }
}
