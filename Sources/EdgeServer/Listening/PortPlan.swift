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
    /// How the command line names the port.
    package let flag: String

    package init(wish: Wish, flag: String = "--port") {
        self.wish = wish
        self.flag = flag
    }

    /// The ports to try, in order.
    package var candidates: [Int] {
        wish.isExplicit ? [wish.port] : (0..<PortPlan.steps).map(port(step:)).filter { $0 <= 65_535 }
    }

    /// The port to try after that many have been taken.
    package func port(step: Int) -> Int { wish.isExplicit ? wish.port : wish.port + step * 10 }

    /// One sentence for a port nobody can have.
    package func refusal(holder: PortHolder?) -> String {
        let by = holder.map { " by \($0.name) (process \($0.process))" } ?? ""
        guard wish.isExplicit else {
            return
                "The ports \(wish.port) to \(port(step: PortPlan.steps - 1)) are all taken; name a free one with \(flag)."
        }
        return "Port \(wish.port) is taken\(by); stop that process or choose another port with \(flag)."
    }

    /// One sentence for a default port that moved; `nil` when nothing did.
    package func moved(to port: Int, holder: PortHolder?) -> String? {
        port == wish.port ? nil : moved(to: [(name: "", port: port)], holder: holder)
    }

    /// One sentence for a default port that is taken, so that all of them have moved.
    package func moved(to ports: [(name: String, port: Int)], holder: PortHolder?) -> String {
        let by = holder.map { " by \($0.name) (process \($0.process))" } ?? ""
        let place =
            ports.count == 1
            ? "this one listens on \(ports[0].port)"
            : "the default ports move: " + ports.map { "\($0.name) to \($0.port)" }.joined(separator: ", ")
        return "Port \(wish.port) is taken\(by), so \(place)."
    }
}
