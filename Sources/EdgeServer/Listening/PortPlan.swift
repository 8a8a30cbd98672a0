/// Which ports to try, and what to say when one is taken.
///
/// A default port that is taken moves every default port up by ten, so that the set stays recognisable: 8797, 8798, 8799.
/// An explicit port is never searched on: whoever asked for it needs that one.
package struct PortPlan {
    /// After this many steps something else is wrong than a second copy running.
    static let steps = 10

    /// A port, and whether somebody asked for it.
    package struct Wish: Equatable {
        package var port: Int
        package var isExplicit: Bool

        /// `--port` wins over `[dev] port` in the configuration, which wins over the default.
        package init(flag: Int?, configured: Int?, standard: Int) {
            port = flag ?? configured ?? standard
            isExplicit = flag != nil || configured != nil
        }
    }

    package let wish: Wish

    package init(wish: Wish) { self.wish = wish }

    /// The ports to try, in order.
    package var candidates: [Int] {
        wish.isExplicit ? [wish.port] : (0..<PortPlan.steps).map { wish.port + $0 * 10 }.filter { $0 <= 65_535 }
    }

    /// One sentence for a port nobody can have.
    package func refusal(holder: PortHolder?) -> String {
        let by = holder.map { " by \($0.name) (process \($0.process))" } ?? ""
        guard wish.isExplicit else {
            return
                "The ports \(wish.port) to \(candidates.last ?? wish.port) are all taken; name a free one with --port."
        }
        return "Port \(wish.port) is taken\(by); stop that process or choose another port with --port."
    }

    /// One sentence for a default port that moved; `nil` when nothing did.
    package func moved(to port: Int, holder: PortHolder?) -> String? {
        guard port != wish.port else { return nil }
        let by = holder.map { " by \($0.name) (process \($0.process))" } ?? ""
        return "Port \(wish.port) is taken\(by), so this one listens on \(port)."
    }
}
